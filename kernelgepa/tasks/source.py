"""Reads what is needed of C++ source: function signatures, bodies, the header comment."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernelgepa.errors import InputError
from kernelgepa.task import Parameter

DTYPE_OF = {
    "int8_t": "int8", "uint8_t": "uint8", "int16_t": "int16", "uint16_t": "uint16",
    "int32_t": "int32", "uint32_t": "uint32", "bfloat16": "bfloat16", "float": "float32",
    "int": "int32", "unsigned": "uint32", "short": "int16", "char": "int8",
    "signed char": "int8", "unsigned char": "uint8", "unsigned short": "uint16",
    "unsigned int": "uint32", "bfloat16_t": "bfloat16", "__bf16": "bfloat16",
}  # fmt: skip
STUB_BODY = "    // Implementation goes here"
# What is never closed ends with its line, or the text: searching on from each would never end.
_BLANKED = re.compile(
    r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"?|(?<!\w)\'(?:\\.|[^\'\\\n])*\'?', re.DOTALL
)
_NOISE = re.compile(r"\b(?:const|volatile|__restrict|restrict|__restrict__|std::)\s*|\bstd::")


@dataclass(frozen=True)
class Signature:
    """A function found in source. Pointers are buffers, the rest scalars; roles are not known."""

    name: str
    parameters: tuple[tuple[str, str, bool], ...]  # (name, dtype, is a pointer)
    body: tuple[int, int]  # positions of the braces


def blanked(source: str) -> str:
    """The source with comments and literals replaced by spaces; positions stay."""

    def spaces(match: re.Match[str]) -> str:
        return "".join(c if c == "\n" else " " for c in match.group())

    return _BLANKED.sub(spaces, source)


def closing(text: str, opening: int) -> int:
    """Position of the brace that closes the one at `opening`, in blanked text; -1 if none."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return -1


def _closed(text: str) -> dict[int, int]:
    """Opening brace -> closing brace, of blanked text."""
    found, opened = {}, list[int]()
    for brace in re.finditer(r"[{}]", text):
        if brace.group() == "{":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.start()
    return found


def functions(source: str) -> list[Signature]:
    """Function definitions at the top level that return nothing, in order."""
    text = blanked(source)
    closed = _closed(text)
    found = []
    for match in re.finditer(r"\bvoid\s+(\w+)\s*\(([^()]*)\)\s*\{", text):
        end = closed.get(match.end() - 1)
        if end is None:
            continue
        parameters = _parameters(match[2])
        if parameters is not None:
            found.append(Signature(match[1], parameters, (match.end() - 1, end)))
    return found


def _parameters(text: str) -> tuple[tuple[str, str, bool], ...] | None:
    made = []
    for part in text.split(","):
        if not part.strip():
            continue
        array = "[" in part
        plain = _NOISE.sub("", re.sub(r"\[[^\[\]]*\]", "", part)).strip()
        match = re.fullmatch(r"(.*?)(\**|&?)\s*(\w+)", plain.replace("* ", "*"), re.DOTALL)
        if match is None:
            return None
        kind = " ".join(match[1].split())
        pointer = "*" in match[2] or kind.endswith("*") or array
        kind = kind.rstrip("* ")
        if kind not in DTYPE_OF:
            return None
        made.append((match[3], DTYPE_OF[kind], pointer))
    return tuple(made)


def find(source: str, name: str, origin: str) -> Signature:
    """The definition of `name`. Raises InputError."""
    known = functions(source)
    for signature in known:
        if signature.name == name:
            return signature
    names = ", ".join(s.name for s in known) or "none"
    raise InputError(
        f"{origin}: expected a function `void {name}(...)` with pointer and scalar parameters of "
        f"known types, found: {names}"
    )


def with_body(source: str, signature: Signature, body: str) -> str:
    """The source with the function's body replaced. `body` may close its own brace or not."""
    start, end = signature.body
    text = blanked(body)
    inner = body
    if text.count("}") > text.count("{"):
        inner = body[: text.rindex("}")]
    return f"{source[: start + 1]}\n{inner}\n{source[end:]}"


def interface_of(signature: Signature, inputs: int) -> tuple[Parameter, ...]:
    """Parameters with roles: the first `inputs` pointers are read, the others written."""
    made, pointers = [], 0
    for name, dtype, pointer in signature.parameters:
        if not pointer:
            made.append(Parameter(name, "scalar", dtype))
            continue
        made.append(Parameter(name, "in" if pointers < inputs else "out", dtype))
        pointers += 1
    return tuple(made)
