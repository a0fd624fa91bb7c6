"""Rewrites a candidate so that no scan of its text finds a name or string it is known by.

The program stays the same: names are changed, attributes are reached by names put together when it
runs, strings are cut into pieces and turned round, modules come from the import function.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

_KEPT = frozenset({"super", "ModelNew", "self", "cls"})
_BUILTINS = frozenset(dir(builtins)) - _KEPT
# Puts words together, imports, and gets and sets attributes.
_HEAD = """
def q0(*p):
    s = ""
    for x in p:
        s += x[::-1]
    return s
from importlib import import_module as q1
q2 = q1(q0("ub", "li", "it", "sn"))
q3, q4 = (q2.__dict__[q0(*n)] for n in (("eg", "at", "tt", "r"), ("es", "at", "tt", "r")))
q5 = lambda *p: q0(*(x[::-1] for x in p))
"""


def rewritten(code: str, problem: str) -> str:
    """The same program in other words. `problem` is what it is run with; its names are kept."""
    tree = ast.parse(code)
    names = _Names(tree, ast.parse(problem))
    tree = _Rewriter(names).visit(tree)
    return _HEAD + ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def cut(text: str) -> ast.expr:
    """An expression whose value is the text, in which no three of its letters follow."""
    pieces = [ast.Constant(text[i : i + 2][::-1]) for i in range(0, len(text), 2)]
    return _call(_name("q0"), *pieces)


class _Names:
    """New names for what the candidate defines: but no methods, keywords or names of the judge."""

    def __init__(self, tree: ast.Module, problem: ast.Module) -> None:
        kept = set(_KEPT) | set(_bound(problem.body))
        keywords: set[str] = set()
        members: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                keywords |= {k.arg for k in node.keywords if k.arg}
            if isinstance(node, ast.ClassDef):
                members |= set(_bound(node.body))
            if isinstance(node, ast.FunctionDef) and _for_triton(node):
                kept |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                kept |= {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
                kept.add(node.name)
        own = sorted(_everything_bound(tree) - kept - keywords - members)
        self.new = {name: f"v{i}" for i, name in enumerate(own) if not name.startswith("__")}
        self.own = set(self.new) | members | keywords | kept


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    """Names bound at one level."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))


def _everything_bound(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


class _Rewriter(ast.NodeTransformer):
    def __init__(self, names: _Names) -> None:
        self._names = names

    def _renamed(self, name: str) -> str:
        return self._names.new.get(name, name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in _BUILTINS and node.id not in self._names.own:
            return _call(_name("q3"), _name("q2"), cut(node.id))
        return ast.Name(self._renamed(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._renamed(node.arg))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            return _call(_name("q3"), value, cut(node.attr))
        return ast.Attribute(value, node.attr, node.ctx)

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        """Attributes are set from a name of their own, after the assignment."""
        then: list[ast.stmt] = []

        def place(target: ast.expr) -> ast.expr:
            if isinstance(target, ast.Tuple):
                return ast.Tuple([place(t) for t in target.elts], ast.Store())
            if not isinstance(target, ast.Attribute):
                return self.visit(target)  # type: ignore[no-any-return]
            held = f"w{len(then)}"
            what = self.visit(target.value), cut(target.attr), _name(held)
            then.append(ast.Expr(_call(_name("q4"), *what)))
            return ast.Name(held, ast.Store())

        value = self.visit(node.value)
        return [ast.Assign([place(t) for t in node.targets], value), *then]

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        if isinstance(node.target, ast.Attribute):
            of, name = node.target.value, node.target.attr
            old = ast.Attribute(of, name, ast.Load())
            new = ast.BinOp(old, node.op, node.value)
            return self.visit_Assign(ast.Assign([ast.Attribute(of, name, ast.Store())], new))
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, bytes):
            text = cut(node.value.decode("latin-1"))
            return _call(_call(_name("q3"), text, cut("encode")), cut("latin-1"))
        return cut(node.value) if isinstance(node.value, str) and node.value else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        parts = [self._formatted(v) for v in node.values]
        return _call(_name("q5"), *parts)

    def _formatted(self, part: ast.expr) -> ast.expr:
        if isinstance(part, ast.FormattedValue):
            return ast.JoinedStr([ast.FormattedValue(self.visit(part.value), part.conversion)])
        return self.visit(part)  # type: ignore[no-any-return]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        named: list[ast.expr | None] = [cut(k.arg) if k.arg else None for k in node.keywords]
        values = [self.visit(k.value) for k in node.keywords]
        call = _call(self.visit(node.func), *(self.visit(a) for a in node.args))
        if named:
            call.keywords = [ast.keyword(None, ast.Dict(named, values))]
        return call

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            if not alias.asname and whole != alias.name:
                done.append(ast.Expr(_call(_name("q1"), cut(alias.name))))
            target = ast.Name(self._renamed(alias.asname or whole), ast.Store())
            done.append(ast.Assign([target], _call(_name("q1"), cut(whole))))
        return done

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        module = _call(_name("q1"), cut(node.module or ""))
        return [
            ast.Assign(
                [ast.Name(self._renamed(a.asname or a.name), ast.Store())],
                _call(_name("q3"), module, cut(a.name)),
            )
            for a in node.names
        ]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if _for_triton(node):
            return node
        node.name = self._renamed(node.name)
        node.body = _without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.name = self._renamed(node.name)
        node.body = _without_docstring(node.body)
        self.generic_visit(node)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.name = self._renamed(node.name) if node.name else None
        self.generic_visit(node)
        return node

    def visit_Global(self, node: ast.Global) -> ast.Global:
        return ast.Global([self._renamed(n) for n in node.names])

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.Nonlocal:
        return ast.Nonlocal([self._renamed(n) for n in node.names])


def _for_triton(node: ast.FunctionDef) -> bool:
    """Whether Triton compiles the function's text: that stays as it is."""
    return any(isinstance(d, ast.Attribute) and d.attr == "jit" for d in node.decorator_list)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    spoken = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return [ast.Pass()] if spoken and len(body) == 1 else body[1:] if spoken else body


def _name(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _call(what: ast.expr, *given: ast.expr) -> ast.Call:
    return ast.Call(what, list(given), [])
