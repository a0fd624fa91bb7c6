"""What Triton's interpreter cannot do, or does otherwise than a GPU. Found by trying (3.9)."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from kernelgepa.triton import libdevice
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
    "extra": "has nothing of triton.language.extra",
    "dot_scaled": "decodes the fp8 and fp4 formats of dot_scaled by rules of its own",
}
_ATOMICS = ("atomic_",)
_FOLDS = frozenset({
    "sum", "max", "min", "argmax", "argmin", "reduce", "cumsum", "cumprod", "associative_scan",
    "dot", "softmax", "xor_sum", "sort", "topk",
})  # fmt: skip
PREFIX = "the interpreter "
PROGRAMS = 1 << 15  # about 0.6 ms each for a dozen operations: 20 s for one call


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


def too_many(grids: Iterable[tuple[int, int, int]]) -> str:
    """Why launches take the interpreter too long; empty where they do not."""
    programs = sum(x * y * z for x, y, z in grids)
    if programs <= PROGRAMS:
        return ""
    return (
        f"{PREFIX}runs one program after another, and these are {programs}; at most {PROGRAMS} "
        "are judged: take a smaller workload or a GPU"
    )


def _in(node: ast.AST) -> Iterator[tuple[int, str]]:
    text = ""
    match node:
        case ast.Attribute(value=value, attr=name) if _ends(value, "libdevice"):
            if name not in libdevice.NAMES:
                yield node.lineno, f"has no libdevice.{name}"
            return  # what stands before it is only its place
        case ast.Attribute(attr=name) | ast.Name(id=name):
            text = of_dtype(name) or _MISSING.get(name, "")
        case ast.Constant(value=str() as value) if value.isidentifier():
            text = of_dtype(value)
        case ast.ImportFrom(module=str() as module, names=names):
            text = next(filter(None, (_imported(module, a.name) for a in names)), "")
        case ast.Import(names=names):
            text = next(filter(None, (_imported(a.name, "") for a in names)), "")
        case ast.While() if any(_is_atomic(n) for n in ast.walk(node)):
            text = "runs one program after another: a loop that waits for another never ends"
    if text:
        yield getattr(node, "lineno", 1), text
    for child in ast.iter_child_nodes(node):
        yield from _in(child)


def _ends(node: ast.expr, name: str) -> bool:
    """Whether an expression is a name, or an attribute of this name."""
    return (isinstance(node, ast.Name) and node.id == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def _imported(module: str, name: str) -> str:
    """What an import of a name of a module, or of the module itself, cannot bring."""
    if module.endswith(".libdevice"):
        return "" if not name or name in libdevice.NAMES else f"has no libdevice.{name}"
    if module.startswith("triton.language.extra"):
        return "" if name in ("libdevice", "") else _MISSING["extra"]
    return of_dtype(name) or _MISSING.get(name, "")


def _is_atomic(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr.startswith(_ATOMICS)


def notes(source: Source, dtypes: Collection[str]) -> Iterator[Diagnostic]:
    """What differs on a GPU without being wrong. `dtypes`: of its tensors; empty if not known."""
    wide = not dtypes or "float32" in dtypes
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == "dot" and wide and not _is_ieee(node):
            yield source.note(
                "tl.dot of float32: exact here, TF32 (10 bits of mantissa) on a GPU unless "
                'input_precision="ieee"',
                node.lineno,
                "tf32",
            )
        if node.func.attr == "device_print":
            yield source.note("device_print prints in every program", node.lineno, "print")


def undefined(source: Source) -> Iterator[Diagnostic]:
    """Loads that leave masked elements undefined, in functions that fold what they load."""
    for function in source.tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name not in source.jitted:
            continue
        calls = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
        named = [(c, c.func.attr) for c in calls if isinstance(c.func, ast.Attribute)]
        if not any(name in _FOLDS for _, name in named):
            continue
        for call, name in named:
            words = {k.arg for k in call.keywords}
            masked = "mask" in words or len(call.args) > 1
            if name == "load" and masked and "other" not in words and len(call.args) < 3:
                yield source.note(
                    "what a mask leaves out is undefined without other=...; where it reaches a "
                    "reduction, the result is",
                    call.lineno,
                    "other",
                )


def _is_ieee(node: ast.Call) -> bool:
    return any(
        k.arg == "input_precision" and isinstance(k.value, ast.Constant) and k.value.value == "ieee"
        for k in node.keywords
    )
