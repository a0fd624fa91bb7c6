"""What Triton's interpreter cannot do, or does otherwise than a GPU. Found by trying (3.9)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from kernelgepa.triton.source import Source
from kernelgepa.verdict import Diagnostic

_WRONG = {
    "bfloat16": "computes bfloat16 wrongly: it adds and multiplies the bits as whole numbers",
    "float8": "computes fp8 wrongly: it adds and multiplies the bits as whole numbers",
}
_MISSING = {
    "inline_asm_elementwise": "has no inline assembly",
    "map_elementwise": "has no map_elementwise",
    "extern_elementwise": "has no functions of device libraries",
    "libdevice": "has no functions of libdevice",
    "extra": "has nothing of triton.language.extra",
    "dot_scaled": "decodes the fp8 and fp4 formats of dot_scaled by rules of its own",
}
_ATOMICS = ("atomic_",)
PREFIX = "the interpreter "


def of_dtype(name: str) -> str:
    """Why values of a type cannot be judged here; empty where they can."""
    plain = name.rpartition(".")[2]
    if plain in ("bfloat16", "bf16"):
        return _WRONG["bfloat16"]
    return _WRONG["float8"] if plain.startswith(("float8", "fp8")) else ""


def reasons(source: Source, dtypes: Iterable[str]) -> tuple[str, ...]:
    """Why the interpreter cannot judge a candidate, each a sentence; empty where it can."""
    found = [f"{PREFIX}{of_dtype(d)} (a tensor of {d})" for d in dtypes if of_dtype(d)]
    for line, text in sorted(set(_in(source.tree))):
        found.append(f"{PREFIX}{text} (line {line})")
    return tuple(dict.fromkeys(found))


def _in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                text = of_dtype(name) or _MISSING.get(name, "")
                if text:
                    yield node.lineno, text
            case ast.Constant(value=str() as value) if value.isidentifier() and of_dtype(value):
                yield node.lineno, of_dtype(value)
            case ast.ImportFrom(module=str() as module, names=names):
                for alias in names:
                    text = of_dtype(alias.name) or _MISSING.get(alias.name, "")
                    if text or module.startswith("triton.language.extra"):
                        yield node.lineno, text or _MISSING["extra"]
            case ast.Import(names=names):
                if any(a.name.startswith("triton.language.extra") for a in names):
                    yield node.lineno, _MISSING["extra"]
            case ast.While() if any(_is_atomic(n) for n in ast.walk(node)):
                yield (
                    node.lineno,
                    "runs one program after another: a loop that waits for another never ends",
                )


def _is_atomic(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr.startswith(_ATOMICS)


def notes(source: Source) -> Iterator[Diagnostic]:
    """What differs on a GPU without being wrong."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == "dot" and not _is_ieee(node):
            yield source.note(
                "tl.dot of float32: exact here, TF32 (10 bits of mantissa) on a GPU unless "
                'input_precision="ieee"',
                node.lineno,
                "tf32",
            )
        if node.func.attr == "device_print":
            yield source.note("device_print prints in every program", node.lineno, "print")


def _is_ieee(node: ast.Call) -> bool:
    return any(
        k.arg == "input_precision" and isinstance(k.value, ast.Constant) and k.value.value == "ieee"
        for k in node.keywords
    )
