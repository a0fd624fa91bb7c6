"""How many bytes the parameters of a problem's modules take, from its text and never by running it.

The constructor is followed with what get_init_inputs gives it: torch's modules, classes of the
problem, its own methods, loops over what is known. What cannot be told counts as nothing, so that
it is never more than there is, but for branches, of which the larger counts.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgepa.kernelbench import fold, roles
from kernelgepa.kernelbench.fold import Module, Scope
from kernelgepa.kernelbench.values import Known, Many, Named, Tensor, Value

_DEPTH = 8
_MOST_CALLS = 4000
_MOST_ROUNDS = 64
_GATES = {"RNN": 1, "GRU": 3, "LSTM": 4, "RNNCell": 1, "GRUCell": 3, "LSTMCell": 4}
_ITEM = 4  # bytes, of float32
_FEED = 2048  # torch's dim_feedforward
Given = Mapping[str, Value]


def weight_bytes(made: Module) -> int:
    """Of parameters and buffers of the Model."""
    given = made.result("get_init_inputs")
    args = given.items if isinstance(given, Many) else ()
    keys = dict(given.items) if isinstance(given, Named) else {}
    with made.budget():
        return _ITEM * _Constructor(made).of_class("Model", args, keys, 0)


@dataclass
class _Constructor:
    """Counts elements."""

    made: Module
    calls: int = field(default=_MOST_CALLS)

    def of_class(self, name: str, args: Sequence[Value], keys: Given, depth: int) -> int:
        node = self.made.classes[name]
        function = roles.constructor(node)
        if function is None or depth > _DEPTH:
            return 0
        return self.of_function(node, function, args, keys, {}, depth)

    def of_function(
        self, owner: ast.ClassDef, function: ast.FunctionDef, args: Sequence[Value], keys: Given,
        own: Scope, depth: int,
    ) -> int:  # fmt: skip
        """`own`: what is known of self, by "self.name"; it is changed."""
        plain = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][1:]
        scope: Scope = {**self.made.names, **own, **dict.fromkeys(plain)}
        for name, default in zip(reversed(plain), reversed(function.args.defaults), strict=False):
            scope[name] = self.value(default, self.made.names)
        scope.update({a.arg: None for a in function.args.kwonlyargs})
        for one, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
            scope[one.arg] = self.value(value, self.made.names) if value else None
        scope.update(zip(plain, args, strict=False))
        scope.update({k: v for k, v in keys.items() if k in scope})
        body = [_Selfless().visit(copy.deepcopy(n)) for n in function.body]
        found = self.of_block(owner, body, scope, depth)
        own.update({k: v for k, v in scope.items() if k.startswith("self.")})
        return found

    def of_block(
        self, owner: ast.ClassDef, body: Sequence[ast.stmt], scope: Scope, depth: int
    ) -> int:
        return sum(self.of_statement(owner, node, scope, depth) for node in body)

    def of_statement(self, owner: ast.ClassDef, node: ast.stmt, scope: Scope, depth: int) -> int:
        if isinstance(node, ast.If):
            ways = (node.body, node.orelse)
            found = max(self.of_block(owner, way, dict(scope), depth) for way in ways)
            fold.forget(node, scope)
            return found
        if isinstance(node, ast.For):
            return self.of_loop(owner, node, scope, depth)
        if isinstance(node, ast.With):
            return self.of_block(owner, node.body, scope, depth)
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return):
            fold.forget(node, scope)
            return 0
        found = self.of_expression(owner, node.value, scope, depth) if node.value else 0
        if isinstance(node, ast.Expr | ast.Return) or node.value is None:
            return found
        value = None if isinstance(node, ast.AugAssign) else self.value(node.value, scope)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            fold.store(target, value, scope)
        return found

    def of_loop(self, owner: ast.ClassDef, node: ast.For, scope: Scope, depth: int) -> int:
        over = self.value(node.iter, scope)
        if not isinstance(over, Many) or len(over.items) > _MOST_ROUNDS:
            fold.forget(node, scope)
            return 0
        found = 0
        for item in over.items:
            fold.store(node.target, item, scope)
            found += self.of_block(owner, node.body, scope, depth)
        return found

    def of_expression(self, owner: ast.ClassDef, node: ast.expr, scope: Scope, depth: int) -> int:
        """Modules and parameters made in an expression."""
        if isinstance(node, ast.ListComp | ast.GeneratorExp) and len(node.generators) == 1:
            over, found, inner = self.value(node.generators[0].iter, scope), 0, dict(scope)
            for item in over.items[:_MOST_ROUNDS] if isinstance(over, Many) else ():
                fold.store(node.generators[0].target, item, inner)
                found += self.of_expression(owner, node.elt, inner, depth)
            return found
        parts = [self.of_expression(owner, n, scope, depth) for n in _inside(node)]
        if isinstance(node, ast.IfExp):
            return max(parts)
        if isinstance(node, ast.Call):
            parts.append(self.of_call(owner, node, scope, depth))
        return sum(parts)

    def of_call(self, owner: ast.ClassDef, call: ast.Call, scope: Scope, depth: int) -> int:
        self.calls -= 1
        if self.calls < 0:
            return 0
        name = roles.callee(call)
        args = [self.value(a, scope) for a in call.args if not isinstance(a, ast.Starred)]
        keys = {k.arg: self.value(k.value, scope) for k in call.keywords if k.arg}
        if name in self.made.classes:
            return self.of_class(name, args, keys, depth + 1)
        if name.startswith("self."):
            methods = (n for n in owner.body if isinstance(n, ast.FunctionDef))
            method = next((m for m in methods if f"self.{m.name}" == name), None)
            if name == "self.register_buffer" and len(args) > 1:
                return _elements(args[1])
            if method is None or depth > _DEPTH:
                return 0
            return self.of_function(owner, method, args, keys, scope, depth + 1)
        if name == "Parameter":
            return _elements(args[0] if args else keys.get("data"))
        return of_module(name, {**dict(zip(roles.named(name), args, strict=False)), **keys})

    def value(self, node: ast.expr, scope: Scope) -> Value:
        return fold.evaluate(self.made, node, scope, 0)


class _Selfless(ast.NodeTransformer):
    """`self.name` as one name, which a scope can hold."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.copy_location(ast.Name(f"self.{node.attr}", node.ctx), node)
        self.generic_visit(node)
        return node


def _inside(node: ast.expr) -> Iterator[ast.expr]:
    """Expressions right in another; of a call's keywords their values."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, ast.keyword):
            yield child.value


def of_module(name: str, given: Given) -> int:
    """Elements of a module of torch's, from its arguments by name; 0 where it cannot be told."""

    def whole(key: str, default: int = 0) -> int:
        value = given.get(key)
        number = value.value if isinstance(value, Known) else default
        return number if isinstance(number, int) and number > 0 else default

    if name == "Linear":
        return whole("in_features") * whole("out_features")
    if name == "Bilinear":
        return whole("in1_features") * whole("in2_features") * whole("out_features")
    if name == "Embedding":
        return whole("num_embeddings") * whole("embedding_dim")
    if name.startswith("Conv") and name in roles.MODULES:
        window = _window(given.get("kernel_size"), int(name[-2]))
        return whole("in_channels") * whole("out_channels") * window // whole("groups", 1)
    if name in _GATES:
        side = whole("hidden_size")
        first = side * (whole("input_size") + side)
        ways = 2 if given.get("bidirectional") == Known(True) else 1
        more = side * (side * ways + side) * (whole("num_layers", 1) - 1)
        return _GATES[name] * ways * (first + more)
    if name == "MultiheadAttention":
        return 4 * whole("embed_dim") ** 2
    if name in ("TransformerEncoderLayer", "TransformerDecoderLayer"):
        side, feed = whole("d_model"), whole("dim_feedforward", _FEED)
        return (4 if "Encoder" in name else 8) * side**2 + 2 * side * feed
    return 0


def _window(size: Value, axes: int) -> int:
    """Points of a convolution's window."""
    if isinstance(size, Known) and isinstance(size.value, int):
        return int(max(1, size.value) ** axes)
    if isinstance(size, Many):
        sides = (v.value for v in size.items if isinstance(v, Known))
        return math.prod(n for n in sides if isinstance(n, int) and n > 0)
    return 1


def _elements(value: Value) -> int:
    return math.prod(value.sizes) if isinstance(value, Tensor) else 0
