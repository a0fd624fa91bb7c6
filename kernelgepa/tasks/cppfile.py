"""A C++ file as a task: its header comment says the sizes, the kernel itself is the oracle.

Sizes come from comment lines `NAME size: N` as NPUEval prompts have them, else from the loops that
index the buffer, else from the one length the comment names (`N = 256`, "256 elements").
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.task import INTEGERS, ITEM_BYTES, Interface, Parameter, Task, Workload
from kernelgepa.tasks import cppsizes, schema, source
from kernelgepa.tasks.arrays import limits
from kernelgepa.tasks.inputs import Range
from kernelgepa.tasks.reference import OracleReference

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_EXAMPLE = re.compile(r">>>\s*(\w+)\s*\((.*)\)")
_ASSIGNS = r"\s*(?:[-+*/%|&^]|<<|>>)?=(?!=)"
_WRITES = (
    rf"\b{{0}}\s*\[[^\]]*\]{_ASSIGNS}",
    rf"\*\s*{{0}}\s*(?:\+\+|--)?{_ASSIGNS}",
    rf"\*\s*\(\s*{{0}}\b[^=;()]*\){_ASSIGNS}",
    r"\bstore\w*\s*\(\s*{0}\b",
)


@dataclass(frozen=True)
class _Header:
    """The comment before the kernel."""

    text: str
    example: str  # function named by `>>>`, or empty
    arguments: tuple[str, ...]  # of the example


def load(path: Path) -> Task:
    """The task of a file with one kernel. Raises InputError."""
    text, origin = schema.text_of(path), str(path)
    header = _header(text)
    signature = _kernel(text, header, path)
    parameters = _roles(text, signature, header, origin)
    body = source.blanked(text)[signature.body[0] : signature.body[1] + 1]
    scalars = _scalars(parameters, header, origin)
    shapes = {
        p.name: (_size(p, header, text, body, scalars, origin),)
        for p in parameters
        if p.role != "scalar"
    }
    used = sum(
        ITEM_BYTES[p.dtype] * math.prod(shapes[p.name]) for p in parameters if p.name in shapes
    )
    if used > schema.DATA_BYTES:
        raise InputError(
            f"{origin}: expected buffers of at most {schema.DATA_BYTES} bytes in all, found {used}"
        )
    interface = Interface(signature.name, parameters)
    ranges = {p.name: _range(p, header, origin) for p in interface.of_role("in")}
    return Task(
        signature.name,
        "npu-sim",
        interface,
        (Workload("default", shapes, scalars),),
        OracleReference(text, interface, ranges, {}, {}),
        {"canonical": text, "stub": source.with_body(text, signature, source.STUB_BODY)},
        "fixed",
        header.text,
        origin,
        hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def _header(text: str) -> _Header:
    """Comments up to the first line of code that is not an include."""
    blocks, rest = [], text.lstrip("\ufeff")
    while match := re.match(r"\s*(?:/\*(.*?)\*/|//([^\n]*)|#[^\n]*\n)", rest, re.DOTALL):
        blocks.append((match[1] if match[1] is not None else match[2] or "").strip(" \n"))
        rest = rest[match.end() :]
    comment = re.sub(r"^[ \t]*\*(?: |$)", "", "\n".join(b for b in blocks if b), flags=re.MULTILINE)
    example = _EXAMPLE.search(comment)
    if example is None:
        return _Header(comment, "", ())
    return _Header(comment, example[1], _arguments(example[2]))


def _arguments(text: str) -> tuple[str, ...]:
    """Arguments at the top level of a call."""
    found, depth = [""], 0
    for character in text:
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return tuple(a.strip() for a in found if a.strip())


def _kernel(text: str, header: _Header, path: Path) -> source.Signature:
    """The kernel's definition: the example's function, the file's name, or the only one."""
    known = [s for s in source.functions(text) if any(pointer for _, _, pointer in s.parameters)]
    public = [s for s in known if not _is_helper(text, s)] or known
    for wanted in (header.example, path.stem):
        for signature in public:
            if signature.name == wanted:
                return signature
    if len(public) == 1 and not header.example:
        return public[0]
    names = ", ".join(s.name for s in public)
    if header.example:
        raise InputError(
            f"{path}: the comment's example calls {header.example!r}: expected such a kernel with "
            f"pointer and scalar parameters of known types, found {names or 'none'}"
        )
    if public:
        raise InputError(
            f"{path}: expected one kernel, found {names}; name the kernel in the comment, as in "
            f"`>>> {public[0].name}(...)`, or make the others static"
        )
    raise InputError(
        f"{path}: expected a kernel `void name(T *in, U *out, ...)` with pointer and scalar "
        "parameters of known types, found none"
    )


def _is_helper(text: str, signature: source.Signature) -> bool:
    start = source.blanked(text).rfind(f" {signature.name}", 0, signature.body[0])
    before = re.split(r"[;}\n]\s*(?=\S)", text[:start])[-1]
    return bool(re.search(r"\b(?:static|inline)\b", before))


def _roles(
    text: str, signature: source.Signature, header: _Header, origin: str
) -> tuple[Parameter, ...]:
    """Buffers are inputs as the example has lists, else where the body never writes them."""
    pointers = [name for name, _, pointer in signature.parameters if pointer]
    lists = sum(a.startswith("[") for a in header.arguments)
    if 0 < lists < len(pointers):
        return source.interface_of(signature, lists)
    body = source.blanked(text)[signature.body[0] : signature.body[1] + 1]
    written = {n for n in pointers if any(re.search(w.format(n), body) for w in _WRITES)}
    if not written:
        written = {pointers[-1]}
    if len(pointers) > 1 and written == set(pointers):
        raise InputError(
            f"{origin}: every buffer of {signature.name} is written, so none is an input; add an "
            f"example `>>> {signature.name}([...])` with a list for each input"
        )
    return tuple(
        Parameter(name, ("out" if name in written else "in") if pointer else "scalar", dtype)
        for name, dtype, pointer in signature.parameters
    )


def _size(
    parameter: Parameter,
    header: _Header,
    text: str,
    body: str,
    scalars: Mapping[str, int | float],
    origin: str,
) -> int:
    name = parameter.name
    match = re.search(rf"\b{re.escape(name)}\s+size\s*[:=]\s*(\S+)", header.text)
    if match:
        if not re.fullmatch(r"[0-9]{1,9}", match[1]) or int(match[1]) == 0:
            raise InputError(
                f"{origin}: {name} size: expected a positive whole number, found {match[1]!r}"
            )
        return int(match[1])
    found = cppsizes.from_loops(name, source.blanked(text), body, scalars)
    if found is None:
        found = cppsizes.from_words(header.text)
    if found is None:
        raise InputError(
            f"{origin}: the number of elements of {name!r} is not known; add a line "
            f"`{name} size: 1024` to the header comment"
        )
    return found


def _scalars(
    parameters: tuple[Parameter, ...], header: _Header, origin: str
) -> dict[str, int | float]:
    """Values from lines `NAME: VALUE`, else from the example's arguments by position."""
    wanted = [p for p in parameters if p.role == "scalar"]
    given = [a for a in header.arguments if not a.startswith("[")]
    made: dict[str, int | float] = {}
    for position, p in enumerate(wanted):
        match = re.search(rf"\b{re.escape(p.name)}\s*[:=]\s*({_NUMBER})", header.text)
        text = match[1] if match else given[position] if len(given) == len(wanted) else ""
        if not re.fullmatch(_NUMBER, text):
            raise InputError(
                f"{origin}: the value of {p.name!r} is not known; add a line `{p.name}: 3` to the "
                "header comment"
            )
        made[p.name] = _typed(float(text), p, origin)
    return made


def _typed(value: float, parameter: Parameter, origin: str) -> int | float:
    if not abs(value) < 3.4e38:
        raise InputError(f"{origin}: {parameter.name}: expected a finite number, found {value:g}")
    if parameter.dtype not in INTEGERS:
        return value
    least, most = limits(parameter.dtype)
    if value != int(value) or not least <= value <= most:
        raise InputError(
            f"{origin}: {parameter.name}: expected a value of {parameter.dtype}, found {value:g}"
        )
    return int(value)


def _range(parameter: Parameter, header: _Header, origin: str) -> Range:
    """`NAME range: LOW to HIGH`, else all of a small integer, +-1000 of a wide one, +-4."""
    match = re.search(
        rf"\b{re.escape(parameter.name)}\s+range\s*:\s*({_NUMBER})\s*(?:to|\.\.)\s*({_NUMBER})",
        header.text,
    )
    integer = parameter.dtype in INTEGERS
    if match:
        low, high = _bound(match, 1, parameter, origin), _bound(match, 2, parameter, origin)
        if low > high:
            raise InputError(
                f"{origin}: {parameter.name} range: expected LOW to HIGH, found {low:g} to {high:g}"
            )
        return Range(low, high, integer)
    if not integer:
        return Range(-4.0, 4.0)
    least, most = limits(parameter.dtype)
    return (
        Range(max(least, -1000), min(most, 1000), True)
        if most > 2**16
        else Range(least, most, True)
    )


def _bound(match: re.Match[str], group: int, parameter: Parameter, origin: str) -> float:
    return float(_typed(float(match[group]), parameter, origin))
