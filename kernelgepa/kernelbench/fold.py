"""Follows a problem's module-level constants and what get_inputs makes of them, without running it.

Straight-line code, helper functions and comprehensions over `range` are followed; where it cannot
be told what a name holds, the name is not known, and neither is what follows from it.
"""

from __future__ import annotations

import ast
import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgepa.kernelbench import tensors
from kernelgepa.kernelbench.values import (
    DTYPES,
    Known,
    Literal,
    Many,
    Tensor,
    Value,
    binary,
    labels,
    many,
)

_DEPTH = 8
_MOST_ROUNDS = 256
_MOST_STEPS = 400_000  # a problem is read in seconds, whatever is in it
_STEPS = 20_000  # of one statement
_LARGE = 10**15
_MATHS: Mapping[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
    "floor": math.floor,
}
_CASTS: Mapping[str, Callable[[float], float]] = {
    "int": int,
    "float": float,
    "abs": abs,
    "round": round,
}
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
Scope = dict[str, Value]


@dataclass
class Module:
    """A problem's module-level names and numbers."""

    tree: ast.Module
    names: Scope = field(default_factory=dict)
    literals: dict[str, Literal] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)

    starts: list[int] = field(default_factory=lambda: [0])  # of lines, in bytes
    left: int = _MOST_STEPS  # expressions that may still be followed, of the whole
    steps: int = 0  # and of what is followed now
    inner: dict[str, Literal] | None = None  # of a function's own numbers, while it is followed

    def result(self, function: str) -> Value:
        """What a function of no arguments returns."""
        self.left = _MOST_STEPS
        with self.budget():
            return _call(self, self.functions[function], (), {}, 0)

    @contextlib.contextmanager
    def budget(self) -> Iterator[None]:
        """What is followed meanwhile takes no more than its share of what is left."""
        given = min(_STEPS, self.left)
        self.steps = given
        yield
        self.left -= given - self.steps

    def marked(self, function: str) -> tuple[Value, dict[str, Literal]]:
        """As `result`, with the whole numbers that are written in the function itself."""
        found: dict[str, Literal] = {}
        self.inner = found
        value = self.result(function)
        self.inner = None
        return value, found

    def literal(self, label: str, value: int, node: ast.expr) -> Literal:
        """A number and where it is written."""
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return Literal(label, value, start, end, node.lineno)


def module(tree: ast.Module, text: str) -> Module:
    """Reads the top level, in order."""
    made = Module(tree)
    for line in text.encode("utf-8", "surrogatepass").splitlines(keepends=True):
        made.starts.append(made.starts[-1] + len(line))
    for node in tree.body:
        with made.budget():
            _top(made, node)
    return made


def _top(made: Module, node: ast.stmt) -> None:
    """One statement of the top level."""
    if isinstance(node, ast.FunctionDef):
        made.functions[node.name] = node
    elif isinstance(node, ast.ClassDef):
        made.classes[node.name] = node
    elif isinstance(node, ast.Assign):
        first, *others = node.targets
        _bind(made, first, node.value)
        for target in others:  # of one number there is one label
            store(target, evaluate(made, first, made.names, 0), made.names)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        _bind(made, node.target, node.value)
    else:
        forget(node, made.names)


def _bind(made: Module, target: ast.expr, value: ast.expr) -> None:
    """`target = value` at the top level, whose literals get labels."""
    if (
        isinstance(target, ast.Tuple | ast.List)
        and isinstance(value, ast.Tuple | ast.List)
        and len(target.elts) == len(value.elts)
        and not _starred(target)
        and not _starred(value)
    ):
        for one, part in zip(target.elts, value.elts, strict=True):
            _bind(made, one, part)
    elif isinstance(target, ast.Name):
        made.names[target.id] = _labelled(made, target.id, value)
    else:
        store(target, evaluate(made, value, made.names, 0), made.names)


def _labelled(made: Module, label: str, node: ast.expr) -> Value:
    """The node's value; a number written out becomes a literal of that label."""
    if isinstance(node, ast.Tuple | ast.List) and not _starred(node):
        parts = enumerate(node.elts)
        return many(tuple(_labelled(made, f"{label}[{i}]", n) for i, n in parts))
    value = evaluate(made, node, made.names, 0)
    plain = not any(isinstance(n, ast.Name | ast.Call) for n in ast.walk(node))
    if not plain or not isinstance(value, Known) or type(value.value) is not int:
        return value
    while label in made.literals:
        label += "'"
    made.literals[label] = made.literal(label, value.value, node)
    return Known(value.value, frozenset({label}))


def _starred(node: ast.Tuple | ast.List) -> bool:
    return any(isinstance(n, ast.Starred) for n in node.elts)


def forget(node: ast.stmt, scope: Scope) -> None:
    """Names that a statement may bind or change are no longer known."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            scope[inner.id] = None
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            if isinstance(scope.get(inner.value.id), Many):
                scope[inner.value.id] = None
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            scope[inner.name] = None


def store(target: ast.expr, value: Value, scope: Scope) -> None:
    """Binds a target's names to a value, or to parts of it."""
    if isinstance(target, ast.Name):
        scope[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        known = isinstance(value, Many) and len(value.items) == len(target.elts)
        parts = value.items if known and isinstance(value, Many) else (None,) * len(target.elts)
        for one, part in zip(target.elts, parts, strict=True):
            store(one.value if isinstance(one, ast.Starred) else one, part, scope)
            if isinstance(one, ast.Starred):
                store(one.value, None, scope)
    elif isinstance(target, ast.Subscript | ast.Attribute):
        holder = target.value
        if isinstance(holder, ast.Name) and isinstance(scope.get(holder.id), Many):
            scope[holder.id] = None


def _call(
    made: Module,
    node: ast.FunctionDef,
    args: Sequence[Value],
    keys: Mapping[str, Value],
    depth: int,
) -> Value:
    """What a function of the module returns for these arguments."""
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    if depth > _DEPTH or len(args) > len(names):
        return None
    more = [a.arg for a in (node.args.vararg, node.args.kwarg) if a]  # theirs is not followed
    scope: Scope = dict.fromkeys([*names, *(a.arg for a in node.args.kwonlyargs), *more])
    for name, default in zip(reversed(names), reversed(node.args.defaults), strict=False):
        scope[name] = evaluate(made, default, made.names, depth)
    scope.update(zip(names, args, strict=False))
    scope.update({k: v for k, v in keys.items() if k in scope and k not in more})
    local = {n.id for n in _stores(node)} - {n for g in _globals(node) for n in g.names}
    inner = {**{k: v for k, v in made.names.items() if k not in local}, **scope}
    return _block(made, node.body, inner, depth)[1]


def _stores(node: ast.AST) -> Iterator[ast.Name]:
    return (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _globals(node: ast.AST) -> Iterator[ast.Global]:
    return (n for n in ast.walk(node) if isinstance(n, ast.Global))


def _block(made: Module, body: Sequence[ast.stmt], scope: Scope, depth: int) -> tuple[bool, Value]:
    """Runs statements; whether they surely returned, and what. None, too, where it depends."""
    for node in body:
        if isinstance(node, ast.Return):
            return True, None if node.value is None else evaluate(made, node.value, scope, depth)
        if isinstance(node, ast.Assign):
            value = evaluate(made, node.value, scope, depth)
            for target in node.targets:
                store(target, value, scope)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                store(node.target, evaluate(made, node.value, scope, depth), scope)
        elif isinstance(node, ast.AugAssign):
            value = evaluate(made, node.value, scope, depth)
            old = evaluate(made, node.target, scope, depth)
            store(node.target, binary(node.op, old, value), scope)
        elif isinstance(node, ast.Expr):
            _effect(made, node, scope, depth)
        elif isinstance(node, ast.With):
            done, value = _block(made, node.body, scope, depth)
            if done:
                return True, value
        elif isinstance(node, _BRANCHES):
            if any(isinstance(n, ast.Return) for n in ast.walk(node)):
                return True, None
            forget(node, scope)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            scope[node.name] = None
    return False, None


def _effect(made: Module, node: ast.Expr, scope: Scope, depth: int) -> None:
    """An expression for its effect: `list.append(value)` is followed, others forget the list."""
    call = node.value
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        holder = call.func.value
        old = scope.get(holder.id) if isinstance(holder, ast.Name) else None
        if isinstance(holder, ast.Name) and isinstance(old, Many):
            follow = call.func.attr == "append" and len(call.args) == 1
            scope[holder.id] = (
                many((*old.items, evaluate(made, call.args[0], scope, depth))) if follow else None
            )


def evaluate(made: Module, node: ast.expr, scope: Scope, depth: int) -> Value:
    """The value of an expression, None where it is not known."""
    if made.steps <= 0:
        return None
    made.steps -= 1
    if isinstance(node, ast.Constant):
        if made.inner is not None and depth == 0 and type(node.value) is int:
            label = f"number at line {node.lineno} column {node.col_offset + 1}"
            made.inner[label] = made.literal(label, node.value, node)
            return Known(node.value, frozenset({label}))
        return Known(node.value) if isinstance(node.value, int | float | str | None) else None
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Tuple | ast.List):
        return _sequence(made, node, scope, depth)
    if isinstance(node, ast.BinOp):
        left = evaluate(made, node.left, scope, depth)
        return binary(node.op, left, evaluate(made, node.right, scope, depth))
    if isinstance(node, ast.UnaryOp):
        return _unary(node.op, evaluate(made, node.operand, scope, depth))
    if isinstance(node, ast.Subscript):
        return _item(made, node, scope, depth)
    if isinstance(node, ast.Attribute):
        return _attribute(made, node, scope, depth)
    if isinstance(node, ast.Call):
        return _called(made, node, scope, depth)
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        return _comprehended(made, node, scope, depth)
    if isinstance(node, ast.Compare):
        first = evaluate(made, node.left, scope, depth)
        same = isinstance(first, Tensor) and len(node.ops) == 1
        return Tensor(first.shape, "bool") if same and isinstance(first, Tensor) else None
    return None


def _sequence(made: Module, node: ast.Tuple | ast.List, scope: Scope, depth: int) -> Value:
    items: list[Value] = []
    for part in node.elts:
        if not isinstance(part, ast.Starred):
            items.append(evaluate(made, part, scope, depth))
            continue
        inner = evaluate(made, part.value, scope, depth)
        if not isinstance(inner, Many):
            return None
        items.extend(inner.items)
    return many(tuple(items))


def _unary(op: ast.unaryop, value: Value) -> Value:
    if isinstance(value, Tensor):
        return value
    if not isinstance(value, Known) or not isinstance(value.value, int | float):
        return None
    if isinstance(op, ast.USub):
        return Known(-value.value, value.of)
    return value if isinstance(op, ast.UAdd) else None


def _item(made: Module, node: ast.Subscript, scope: Scope, depth: int) -> Value:
    holder = evaluate(made, node.value, scope, depth)
    if not isinstance(holder, Many):
        return None
    if isinstance(node.slice, ast.Slice):
        ends = []
        for part in (node.slice.lower, node.slice.upper, node.slice.step):
            end = Known(None) if part is None else evaluate(made, part, scope, depth)
            if not isinstance(end, Known) or not isinstance(end.value, int | None):
                return None
            ends.append(end.value)
        return None if ends[2] == 0 else Many(holder.items[slice(*ends)])
    index = evaluate(made, node.slice, scope, depth)
    if not isinstance(index, Known) or not isinstance(index.value, int):
        return None
    size = len(holder.items)
    return holder.items[index.value] if -size <= index.value < size else None


def _attribute(made: Module, node: ast.Attribute, scope: Scope, depth: int) -> Value:
    if isinstance(node.value, ast.Name) and node.value.id == "torch" and node.attr in DTYPES:
        return Known(f"torch.{node.attr}")
    holder = evaluate(made, node.value, scope, depth)
    if isinstance(holder, Tensor):
        if node.attr == "shape":
            return Many(holder.shape)
        if node.attr in ("T", "mT") and len(holder.shape) >= 2:
            *lead, a, b = holder.shape
            return Tensor((*lead, b, a), holder.dtype)
        if node.attr == "dtype":
            return Known(f"torch.{holder.dtype}")
    return None


def _called(made: Module, node: ast.Call, scope: Scope, depth: int) -> Value:
    keys = {k.arg: evaluate(made, k.value, scope, depth) for k in node.keywords if k.arg}
    args = _sequence(made, ast.Tuple(list(node.args), ast.Load()), scope, depth)
    if not isinstance(args, Many) or len(keys) != len(node.keywords):
        return None
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in made.functions and function.id not in scope:
            return _call(made, made.functions[function.id], args.items, keys, depth + 1)
        return _builtin(function.id, args.items) if function.id not in scope else None
    if not isinstance(function, ast.Attribute):
        return None
    holder = evaluate(made, function.value, scope, depth)
    if isinstance(holder, Tensor):
        return tensors.method(holder, function.attr, args.items, keys)
    if function.attr in ("sample", "rsample") and isinstance(function.value, ast.Call):
        return tensors.sampled(args.items)  # torch.distributions.Beta(...).sample(shape)
    module_name = ast.unparse(function.value)
    if module_name in ("torch", "F", "torch.nn.functional", "nn.functional"):
        return tensors.function(function.attr, args.items, keys)
    if module_name == "math":
        return _builtin(f"math.{function.attr}", args.items)
    return None


def _builtin(name: str, args: tuple[Value, ...]) -> Value:
    first = args[0] if args else None
    if name in ("tuple", "list") and isinstance(first, Many):
        return first
    if name == "len" and isinstance(first, Many):
        return Known(len(first.items))
    if name == "range":
        return _range(args)
    values = first.items if len(args) == 1 and isinstance(first, Many) else args
    known = [v.value for v in values if isinstance(v, Known)]
    numbers = [n for n in known if isinstance(n, int | float) and abs(n) < _LARGE]
    if not numbers or len(numbers) != len(values):
        return None
    value = _folded(name, numbers)
    return None if value is None else Known(value, labels(Many(values)))


def _range(args: tuple[Value, ...]) -> Value:
    bounds = [a.value for a in args if isinstance(a, Known) and isinstance(a.value, int)]
    far = any(abs(b) > _LARGE for b in bounds)
    if far or len(bounds) != len(args) or not 1 <= len(bounds) <= 3 or bounds[2:] == [0]:
        return None
    steps = range(*bounds)
    return Many(tuple(Known(i) for i in steps)) if len(steps) <= _MOST_ROUNDS else None


def _folded(name: str, numbers: list[int | float]) -> int | float | None:
    """A function of numbers, none of them large."""
    if name in ("max", "min", "sum"):
        return max(numbers) if name == "max" else min(numbers) if name == "min" else sum(numbers)
    if name == "math.prod":
        return math.prod(numbers) if len(numbers) <= _MOST_ROUNDS else None
    if len(numbers) != 1:
        return None
    number = numbers[0]
    if name in _CASTS:
        return _CASTS[name](number)
    maths = _MATHS.get(name.removeprefix("math.")) if name.startswith("math.") else None
    return None if maths is None or number <= 0 else maths(number)


def _comprehended(
    made: Module, node: ast.ListComp | ast.GeneratorExp, scope: Scope, depth: int
) -> Value:
    """A comprehension with one loop and no condition."""
    loop = node.generators[0]
    over = evaluate(made, loop.iter, scope, depth)
    if len(node.generators) > 1 or loop.ifs or not isinstance(over, Many):
        return None
    items: list[Value] = []
    for item in over.items[:_MOST_ROUNDS]:
        inner = dict(scope)
        store(loop.target, item, inner)
        items.append(evaluate(made, node.elt, inner, depth))
    return many(tuple(items)) if len(over.items) <= _MOST_ROUNDS else None
