"""A graph of operations as a plain scalar C++ kernel: loops over each output, reductions inside.

Integers are int32_t wherever their span fits, and wrap where numpy's do; floats are float.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kernelgepa.task import Parameter
from kernelgepa.tasks.trace import write
from kernelgepa.tasks.trace.graph import Traced, UntraceableError, ideal
from kernelgepa.tasks.trace.write import Index

C_TYPE = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t",
    "int32": "int32_t", "uint32": "uint32_t", "int64": "int64_t", "bfloat16": "bfloat16",
    "float32": "float",
}  # fmt: skip
CALLS = {
    **{n: n + "f" for n in ("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt",
                            "cbrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor", "ceil",
                            "trunc", "rint", "hypot", "arctan2", "fmod")},
    "arcsin": "asinf", "arccos": "acosf", "arctan": "atanf", "arctan2": "atan2f",
    "absolute": "fabsf", "fabs": "fabsf", "power": "powf", "float_power": "powf",
}  # fmt: skip
ARITHMETIC = {"add": "+", "subtract": "-", "multiply": "*"}
COMPARED = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
    "not_equal": "!=",
}  # fmt: skip
BITS = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^"}
LOGICAL = {"logical_and": "&&", "logical_or": "||"}
TABLE = 1024  # constants in an array, which take memory of the tile
INT32, INT64 = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)


@dataclass
class Block:
    """Statements of one loop; `head` is empty for the function's body."""

    head: str
    var: str
    lines: list[str] = field(default_factory=list)
    known: dict[tuple[int, Index], str] = field(default_factory=dict)


def kernel(name: str, parameters: Sequence[Parameter], outputs: Sequence[Traced], note: str) -> str:
    """The source of a kernel. Raises UntraceableError for an operation that has no C++ here."""
    made = _Emitter({p.name: p.dtype for p in parameters})
    for parameter, node in zip([p for p in parameters if p.role == "out"], outputs, strict=True):
        made.output(parameter, node)
    declared = ", ".join(f"{C_TYPE[p.dtype]} *{p.name}" for p in parameters)
    body = "\n".join(f"    {line}" for line in made.chain[0].lines)
    return (
        f'/*\n{note}\n*/\n#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n\n'
        f"{made.constants}void {name}({declared}) {{\n{body}\n}}\n"
    )


class _Emitter:
    def __init__(self, dtypes: dict[str, str]) -> None:
        self.dtypes = dtypes
        self.chain = [Block("", "")]  # the loops that are open, outermost first
        self.count = 0
        self.uses: dict[int, int] = {}
        self.constants = ""
        self.tables: dict[int, str] = {}  # by the identity of arrays that the graph keeps alive

    def output(self, parameter: Parameter, node: Traced) -> None:
        self.uses = _uses(node)
        self.chain[0].known.clear()
        index = self._open(node.shape)
        kind, name = _kept(node), C_TYPE[parameter.dtype]
        if name in ("bfloat16", "float") and kind != "float":
            kind = "float"
        value = self._as(node, index, kind)
        if value.startswith(f"({kind})({name})"):
            value = value.removeprefix(f"({kind})")
        elif kind != name:
            value = write.cast(name, value)
        place = write.flat(index, node.shape)
        self.chain[-1].lines.append(f"{parameter.name}[{place}] = {write.bare(value)};")
        self._close(len(index) - index.count("0"))

    def _open(self, sizes: Sequence[int]) -> Index:
        """Opens a loop for every size but 1."""
        index = []
        for size in sizes:
            if size == 1:
                index.append("0")
                continue
            var = self._name("i")
            self.chain.append(Block(f"for (int32_t {var} = 0; {var} < {size}; {var}++) {{", var))
            index.append(var)
        return tuple(index)

    def _close(self, count: int) -> None:
        for _ in range(count):
            block = self.chain.pop()
            inside = [f"    {line}" for line in block.lines]
            self.chain[-1].lines += [block.head, *inside, "}"]

    def _name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def _home(self, index: Index) -> Block:
        """The outermost open loop in which the index has a value."""
        used = set(re.findall(r"\bi\d+\b", " ".join(index)))
        return next((b for b in reversed(self.chain) if b.var in used), self.chain[0])

    def at(self, node: Traced, index: Index) -> str:
        """An expression of one element; what is used twice, or is a reduction, gets a name."""
        block = self._home(index)
        key = (id(node), index)
        if key in block.known:
            return block.known[key]
        if node.op in ("sum", "max", "min", "matmul"):
            found = self._reduction(node, index)
        else:
            found = self._element(node, index)
            if self.uses.get(id(node), 0) > 1 and not write.simple(found):
                found = self._named(found, _kept(node), block)
        block.known[key] = found
        return found

    def _named(self, value: str, kind: str, block: Block) -> str:
        name = self._name("v")
        block.lines.append(f"{kind} {name} = {write.bare(value)};")
        return name

    def _atom(self, node: Traced, index: Index, kind: str) -> str:
        """A name or a literal, to be used twice."""
        value = self._as(node, index, kind)
        return value if write.simple(value) else self._named(value, kind, self._home(index))

    def _as(self, node: Traced, index: Index, kind: str) -> str:
        """An element as a value of `kind`: int32_t, uint32_t, int64_t, float or bool."""
        value = self.at(node, index)
        if node.op == "const" and _uniform(node):
            return _literal(node.extra.flat[0], kind)
        return value if _kept(node) == kind else write.cast(kind, value)

    def _reduction(self, node: Traced, index: Index) -> str:
        block = self._home(index)
        kind = _kept(node)
        total = self._name("sum" if node.op == "matmul" else node.op)
        depth = self.chain.index(block)
        outer, self.chain = self.chain[depth + 1 :], self.chain[: depth + 1]
        if node.op in ("sum", "matmul"):
            block.lines.append(f"{kind} {total} = {_literal(0, kind)};")
        else:
            first = self._as(node.args[0], write.inner(node, index, ["0"] * 9), kind)
            block.lines.append(f"{kind} {total} = {write.bare(first)};")
        if node.op == "matmul":
            step, opened = self._multiply(node, index, kind)
        else:
            axes = node.extra[0]
            made = self._open([node.args[0].shape[a] for a in axes])
            step = self._as(node.args[0], write.inner(node, index, made), kind)
            opened = len(made) - made.count("0")
        last = self.chain[-1]
        if node.op in ("sum", "matmul"):
            last.lines.append(f"{total} += {write.bare(step)};")
        else:
            sign = ">" if node.op == "max" else "<"
            value = step if write.simple(step) else self._named(step, kind, last)
            last.lines.append(f"{total} = {value} {sign} {total} ? {value} : {total};")
        self._close(opened)
        self.chain += outer
        return self._wrapped(total, node, kind)

    def _multiply(self, node: Traced, index: Index, kind: str) -> tuple[str, int]:
        a, b = node.args
        (k,) = made = self._open([a.shape[-1]])
        left = (index[0], k) if a.ndim == 2 else (k,)
        right = (k, index[-1]) if b.ndim == 2 else (k,)
        product = f"({self._as(a, left, kind)} * {self._as(b, right, kind)})"
        return product, len(made) - made.count("0")

    def _wrapped(self, value: str, node: Traced, kind: str) -> str:
        """What a sum or product that went beyond its type leaves of it."""
        if node.span is None or node.dtype.itemsize == 8:
            return value
        name = C_TYPE[str(node.dtype)]
        exact = _exact(node)
        fits = exact and node.span[0] <= exact[0] and exact[1] <= node.span[1]
        return value if fits or name == kind else write.cast(kind, write.cast(name, value))

    def _element(self, node: Traced, index: Index) -> str:
        op, args = node.op, node.args
        if op == "input":
            load = f"{node.extra}[{write.flat(index, node.shape)}]"
            plain = self.dtypes[node.extra] in ("float32", "int32", "uint32")
            return load if plain else write.cast(_kept(node), load)
        if op == "const":
            return self._table(node, index)
        if op == "cast":
            return self._converted(node, index)
        if op == "index":
            return self.at(args[0], write.indexed(node, index))
        if op == "transpose":
            back = [""] * len(index)
            for place, axis in zip(index, node.extra, strict=True):
                back[axis] = place
            return self.at(args[0], tuple(back))
        places = [write.broadcast(index, a.shape) for a in args]
        if node.dtype.kind == "f":
            return self._float(node, places)
        return self._whole(node, places)

    def _table(self, node: Traced, index: Index) -> str:
        """An element of a constant array, which stands before the kernel."""
        kind = _kept(node)
        if _uniform(node):
            return _literal(node.extra.flat[0], kind)
        if node.size > TABLE:
            raise UntraceableError(f"it holds an array of more than {TABLE} constants")
        name = self.tables.get(id(node.extra), "")
        if not name:
            name = self.tables[id(node.extra)] = self._name("table")
            values = ", ".join(_literal(v, kind) for v in node.extra.flat)
            self.constants += f"static const {kind} {name}[{node.size}] = {{{values}}};\n"
        return f"{name}[{write.flat(index, node.shape)}]"

    def _converted(self, node: Traced, index: Index) -> str:
        source, kind = node.args[0], _kept(node)
        value = self._as(source, index, _kept(source))
        name = C_TYPE.get(str(node.dtype), kind)
        if node.dtype.kind == "f" and name == "bfloat16":
            return write.cast("float", write.cast(name, write.cast("float", value)))
        inside = (
            source.span
            and node.span
            and (node.span[0] <= source.span[0] and source.span[1] <= node.span[1])
        )
        if node.dtype.kind in "iu" and not inside and name != kind:
            value = write.cast(name, value)
            return write.cast(kind, value)
        return value if _kept(source) == kind else write.cast(kind, value)

    def _float(self, node: Traced, places: list[Index]) -> str:
        op, args = node.op, node.args
        if op == "where":
            test = self._as(args[0], places[0], "bool")
            x, y = (self._as(a, p, "float") for a, p in zip(args[1:], places[1:], strict=True))
            return f"({test} ? {x} : {y})"
        if op in ("maximum", "minimum", "fmax", "fmin"):
            return self._larger(node, places, "float")
        if op in ("square", "power") and (op == "square" or _constant(args[1], 2)):
            x = self._atom(args[0], places[0], "float")
            return f"({x} * {x})"
        values = [self._as(a, p, "float") for a, p in zip(args, places, strict=True)]
        signs = {**ARITHMETIC, "divide": "/", "true_divide": "/"}
        if op in signs:
            return f"({values[0]} {signs[op]} {values[1]})"
        if op in ("negative", "positive", "reciprocal"):
            return {"negative": f"(-({values[0]}))", "positive": values[0]}.get(
                op, f"(1.0f / {values[0]})"
            )
        if op not in CALLS:
            raise UntraceableError(f"it uses np.{op}")
        return f"{CALLS[op]}({', '.join(values)})"

    def _larger(self, node: Traced, places: list[Index], kind: str) -> str:
        a, b = (self._atom(x, p, kind) for x, p in zip(node.args, places, strict=True))
        return f"({a} {'>' if node.op in ('maximum', 'fmax') else '<'} {b} ? {a} : {b})"

    def _whole(self, node: Traced, places: list[Index]) -> str:
        """Integers and truth values."""
        op, args = node.op, node.args
        if op in COMPARED or op in LOGICAL or op == "logical_not":
            return self._truth(node, places)
        kind = _kept(node)
        if op == "where":
            x, y = (self._as(a, p, kind) for a, p in zip(args[1:], places[1:], strict=True))
            return f"({self._as(args[0], places[0], 'bool')} ? {x} : {y})"
        if op in ("maximum", "minimum"):
            return self._larger(node, places, kind)
        exact = _exact(node)
        fits = exact and INT32[0] <= exact[0] and exact[1] <= INT32[1]
        wide = "int32_t" if fits or kind == "bool" else "uint32_t"
        wide = kind if node.dtype.itemsize == 8 else wide
        if op in ("square", "absolute"):
            x = self._atom(args[0], places[0], wide if op == "square" else kind)
            made = f"({x} * {x})" if op == "square" else f"({x} < 0 ? -{x} : {x})"
        elif op in ARITHMETIC:
            x, y = (self._as(a, p, wide) for a, p in zip(args, places, strict=True))
            made = f"({x} {ARITHMETIC[op]} {y})"
        elif op == "negative":
            made = f"(-({self._as(args[0], places[0], wide)}))"
        elif op in BITS:
            x, y = (self._as(a, p, kind) for a, p in zip(args, places, strict=True))
            return f"({x} {BITS[op]} {y})"
        elif op == "right_shift" and args[1].span and 0 <= args[1].span[0] <= args[1].span[1] < 32:
            shift = self._as(args[1], places[1], "int32_t")
            return f"({self._as(args[0], places[0], kind)} >> {shift})"
        elif op == "left_shift" and fits:
            x, y = (self._as(a, p, "int32_t") for a, p in zip(args, places, strict=True))
            made = f"({x} << {y})"
        else:
            raise UntraceableError(f"it uses np.{op} of {node.dtype}")
        if wide != kind and C_TYPE.get(str(node.dtype)) == kind:
            return write.cast(kind, made)
        made = self._wrapped(made, node, wide)
        return made if wide == kind else write.cast(kind, made)

    def _truth(self, node: Traced, places: list[Index]) -> str:
        if node.op == "logical_not":
            return f"(!{self._as(node.args[0], places[0], 'bool')})"
        kinds = {_kept(a) for a in node.args if a.op != "const"} or {"float"}
        kind = "float" if any(a.dtype.kind == "f" for a in node.args) else "int64_t"
        kind = "bool" if node.op in LOGICAL else kinds.pop() if len(kinds) == 1 else kind
        kind = "int32_t" if kind == "bool" and node.op in COMPARED else kind
        for a in node.args:
            if a.op == "const" and kind in ("int32_t", "uint32_t") and not _same(a, kind):
                kind = "float" if a.dtype.kind == "f" else "int64_t"
        x, y = (self._as(a, p, kind) for a, p in zip(node.args, places, strict=True))
        return f"({x} {({**COMPARED, **LOGICAL})[node.op]} {y})"


def _same(node: Traced, kind: str) -> bool:
    limits = INT32 if kind == "int32_t" else (0, 2**32 - 1)
    return node.span is not None and limits[0] <= node.span[0] <= node.span[1] <= limits[1]


def _exact(node: Traced) -> tuple[int, int] | None:
    """What the result is before it wraps."""
    spans = [a.span for a in node.args]
    if node.op == "matmul":
        product = ideal("multiply", spans)
        n = node.args[0].shape[-1]
        return product and (product[0] * n, product[1] * n)
    if node.op == "sum":
        count = node.args[0].size // node.size
        return spans[0] and (spans[0][0] * count, spans[0][1] * count)
    if node.op in ("max", "min"):
        return node.span
    return ideal(node.op, spans)


def _kept(node: Traced) -> str:
    """The C++ type that an element is kept in."""
    if node.span is None:
        return "float"
    if node.dtype.kind == "b":
        return "bool"
    low, high = node.span
    if INT32[0] <= low and high <= INT32[1]:
        exact = _exact(node) if node.op in ("matmul", "sum") else None
        inside = exact is None or (INT32[0] <= exact[0] and exact[1] <= INT32[1])
        return "int32_t" if inside else "int64_t"
    if low >= 0 and high < 2**32:
        return "uint32_t"
    if not INT64[0] <= low <= high <= INT64[1]:
        raise UntraceableError("it computes whole numbers beyond 64 bits")
    return "int64_t"


def _literal(value: object, kind: str) -> str:
    number = float(np.float64(value))  # type: ignore[arg-type]
    if kind == "float":
        if not math.isfinite(number):
            raise UntraceableError("it holds a constant that is not finite")
        return (
            f"{float(np.float32(number))!r}f"
            if abs(number) >= 1e-4 or not number
            else (
                f"{number:.9g}f"
                if "." in f"{number:.9g}" or "e" in f"{number:.9g}"
                else f"{number}f"
            )
        )
    if kind == "bool":
        return "true" if number else "false"
    whole = int(value)  # type: ignore[call-overload]
    if whole == INT32[0]:
        return "(-2147483647 - 1)"
    return f"{whole}{'' if kind == 'int32_t' else 'u' if kind == 'uint32_t' else 'll'}"


def _uniform(node: Traced) -> bool:
    """Whether all elements of a constant are the same."""
    return bool(np.all(node.extra == node.extra.flat[0]))


def _constant(node: Traced, value: float) -> bool:
    return node.op == "const" and node.extra.size == 1 and node.extra.flat[0] == value


def _uses(root: Traced) -> dict[int, int]:
    """How often each node is an argument."""
    found: dict[int, int] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        found[id(node)] = found.get(id(node), 0) + 1
        if found[id(node)] == 1:
            stack += node.args
    return found
