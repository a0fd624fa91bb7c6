"""Follows a problem's module-level constants and what get_inputs makes of them, without running it.

Straight-line code, helper functions and comprehensions over `range` are followed; where it cannot
be told what a name holds, the name is not known, and neither is what follows from it.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgepa.kernelbench import tensors
from kernelgepa.kernelbench.builtin import MOST_ROUNDS, builtin
from kernelgepa.kernelbench.values import (
    DTYPES,
    Known,
    Literal,
    Many,
    Named,
    Tensor,
    Value,
    binary,
    many,
)

_DEPTH = 8
_MOST_STEPS = 400_000  # a problem is read in seconds, whatever is in it
_STEPS = 20_000  # of one statement
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
    plain: dict[str, Named] = field(default_factory=dict)  # classes that only hold values

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
        if not node.bases or ast.unparse(node.bases[0]).endswith("NamedTuple"):
            made.plain[node.name] = _held(made, node)
    elif isinstance(node, ast.Assign):
        first, *others = node.targets
        _bind(made, first, node.value)
        for target in others:  # of one number there is one label
            store(target, evaluate(made, first, made.names, 0), made.names)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        _bind(made, node.target, node.value)
    else:
        forget(node, made.names)


def _held(made: Module, node: ast.ClassDef) -> Named:
    """What a class's own assignments give its attributes."""
    found: Scope = {}
    for part in node.body:
        if not isinstance(part, ast.Assign | ast.AnnAssign) or part.value is None:
            continue
        target = part.target if isinstance(part, ast.AnnAssign) else part.targets[0]
        if isinstance(target, ast.Name):
            found[target.id] = _labelled(made, f"{node.name}.{target.id}", part.value)
    return Named(tuple(found.items()))


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
    if named := _named(node):
        return Named(tuple((k, _labelled(made, f"{label}[{k!r}]", n)) for k, n in named))
    value = evaluate(made, node, made.names, 0)
    if not _written(node) or not isinstance(value, Known) or type(value.value) is not int:
        return value
    while label in made.literals:
        label += "'"
    made.literals[label] = made.literal(label, value.value, node)
    return Known(value.value, frozenset({label}))


def _written(node: ast.expr) -> bool:
    """Whether it is arithmetic of numbers alone."""
    others = ast.Name | ast.Call | ast.Tuple | ast.List
    return not any(isinstance(n, others) for n in ast.walk(node))


def _own(made: Module, node: ast.BinOp, inner: dict[str, Literal], scope: Scope) -> Value:
    """Arithmetic of numbers alone in the function that is followed: one number, as `2**14`."""
    made.inner = None
    value = evaluate(made, node, scope, 0)
    made.inner = inner
    if not isinstance(value, Known) or type(value.value) is not int:
        return value
    return _placed(made, node, value.value, inner)


def _placed(made: Module, node: ast.expr, value: int, inner: dict[str, Literal]) -> Known:
    """A number of the function's own, named by its place."""
    label = f"number at line {node.lineno} column {node.col_offset + 1}"
    inner[label] = made.literal(label, value, node)
    return Known(value, frozenset({label}))


def _named(node: ast.expr) -> list[tuple[str, ast.expr]]:
    """Keys and values of a dict whose keys are all written, as in `{"a": 1}` or `dict(a=1)`."""
    pairs: list[tuple[object, ast.expr]] = []
    if isinstance(node, ast.Dict):
        keys = (k.value if isinstance(k, ast.Constant) else None for k in node.keys)
        pairs = list(zip(keys, node.values, strict=True))
    elif isinstance(node, ast.Call) and not node.args and ast.unparse(node.func) == "dict":
        pairs = [(k.arg, k.value) for k in node.keywords]
    found = [(k, v) for k, v in pairs if isinstance(k, str)]
    return found if len(found) == len(pairs) else []


def _starred(node: ast.Tuple | ast.List) -> bool:
    return any(isinstance(n, ast.Starred) for n in node.elts)


def forget(node: ast.stmt, scope: Scope) -> None:
    """Names that a statement may bind or change are no longer known."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            scope[inner.id] = None
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            if isinstance(scope.get(inner.value.id), Many | Named):
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
        if isinstance(holder, ast.Name) and isinstance(scope.get(holder.id), Many | Named):
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
            return _placed(made, node, node.value, made.inner)
        return Known(node.value) if isinstance(node.value, int | float | str | None) else None
    if isinstance(node, ast.Name):
        return scope[node.id] if node.id in scope else made.plain.get(node.id)
    if isinstance(node, ast.Tuple | ast.List):
        return _sequence(made, node, scope, depth)
    if isinstance(node, ast.Dict):
        named = tuple((k, evaluate(made, v, scope, depth)) for k, v in _named(node))
        return Named(named) if named else None
    if isinstance(node, ast.BinOp):
        if made.inner is not None and depth == 0 and _written(node):
            return _own(made, node, made.inner, scope)
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
    if isinstance(holder, Named):
        return holder.get(node.slice.value) if isinstance(node.slice, ast.Constant) else None
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
    if isinstance(holder, Named):
        return holder.get(node.attr)
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
        if function.id == "dict" and not args.items and function.id not in scope:
            return Named(tuple((str(k), v) for k, v in keys.items()))
        if function.id in made.plain and not args.items and function.id not in scope:
            held = dict(made.plain[function.id].items)
            return Named(tuple({**held, **{str(k): v for k, v in keys.items()}}.items()))
        return builtin(function.id, args.items) if function.id not in scope else None
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
        return builtin(f"math.{function.attr}", args.items)
    return None


def _comprehended(
    made: Module, node: ast.ListComp | ast.GeneratorExp, scope: Scope, depth: int
) -> Value:
    """A comprehension with one loop and no condition."""
    loop = node.generators[0]
    over = evaluate(made, loop.iter, scope, depth)
    if len(node.generators) > 1 or loop.ifs or not isinstance(over, Many):
        return None
    items: list[Value] = []
    for item in over.items[:MOST_ROUNDS]:
        inner = dict(scope)
        store(loop.target, item, inner)
        items.append(evaluate(made, node.elt, inner, depth))
    return many(tuple(items)) if len(over.items) <= MOST_ROUNDS else None
