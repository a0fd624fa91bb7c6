"""Expressions and launches of a specification, printed as the Python that computes the same."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping

from kernelgepa.launch import Expression

META = "META"
_FUNCTIONS = {
    "ceildiv": "_ceildiv", "next_pow2": "_next_pow2", "sqrt": "_math.sqrt", "log2": "_math.log2",
}  # fmt: skip
HELPERS = """
def _ceildiv(a, b):
    return -(-a // b)


def _next_pow2(n):
    return 1 << max(0, int(n) - 1).bit_length()


def _packed(given):
    return given.contiguous() if isinstance(given, _torch.Tensor) else given
"""


def printed(expression: Expression, instead: Mapping[str, ast.expr] | None = None) -> str:
    """The text of an expression; `instead`: what stands for a name in it."""
    return ast.unparse(tree(expression, instead or {}))


def tree(expression: Expression, instead: Mapping[str, ast.expr]) -> ast.expr:
    made = _Printer(instead).visit(copy.deepcopy(expression.tree))
    assert isinstance(made, ast.expr)
    return made


def whole(expression: Expression, instead: Mapping[str, ast.expr]) -> str:
    """As `printed`, of something that is a whole number even where a division makes it."""
    text = printed(expression, instead)
    inexact = any(
        isinstance(n, ast.Div)
        or (isinstance(n, ast.Constant) and isinstance(n.value, float))
        or (isinstance(n, ast.Name) and n.id in ("sqrt", "log2", "float"))
        for n in ast.walk(expression.tree)
    )
    return f"int({text})" if inexact else text


def of_meta(name: str) -> ast.expr:
    """META["NAME"], which is what a grid learns of constants that tuning chose."""
    return ast.Subscript(ast.Name(META, ast.Load()), ast.Constant(name), ast.Load())


class _Printer(ast.NodeTransformer):
    def __init__(self, instead: Mapping[str, ast.expr]) -> None:
        self._instead = instead

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self._instead.get(node.id, node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self.visit(node.value)
        made = ast.Attribute(value, node.attr, ast.Load())
        return ast.Call(made, [], []) if node.attr == "numel" else made

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(a) for a in node.args]
        if isinstance(node.func, ast.Attribute):  # a method of a tensor
            method = ast.Attribute(self.visit(node.func.value), node.func.attr, ast.Load())
            return ast.Call(method, arguments, [])
        assert isinstance(node.func, ast.Name)
        name = _FUNCTIONS.get(node.func.id, node.func.id)
        return ast.Call(ast.parse(name, mode="eval").body, arguments, [])
