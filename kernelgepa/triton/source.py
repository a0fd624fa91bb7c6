"""What the text of a Triton candidate says, from its syntax tree. Nothing of it is run here."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kernelgepa.verdict import Diagnostic

CHARACTERS = 256 << 10
IMPORTS = ("triton", "triton.language", "math", "functools", "itertools", "typing", "__future__")
# Not a wall (the sandbox is): it keeps honest work where the judge looks for it, in the kernels.
_NOT_HERE = frozenset({
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input",
    "open", "setattr", "vars",
})  # fmt: skip
_HOOKS = frozenset({"pre_hook", "post_hook", "prune_configs_by", "do_bench"})


@dataclass(frozen=True)
class Source:
    """A candidate's text. `functions`: name -> line of its `def`. `jitted`: those for the GPU."""

    text: str
    functions: Mapping[str, int] = field(default_factory=dict)
    jitted: tuple[str, ...] = ()
    refused: tuple[Diagnostic, ...] = ()
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []), repr=False)

    def at(
        self, message: str, line: int | None = None, column: int | None = None, code: str = ""
    ) -> Diagnostic:
        """An error about a line of it."""
        return Diagnostic(message, "error", line, column, self.line(line), code)

    def note(self, message: str, line: int | None = None, code: str = "") -> Diagnostic:
        return Diagnostic(message, "note", line, None, self.line(line), code)

    def line(self, number: int | None) -> str:
        rows = self.text.splitlines()
        return rows[number - 1].strip()[:200] if number and number <= len(rows) else ""

    def use(self, name: str) -> int | None:
        """The first line that uses a name."""
        nodes = (n for n in ast.walk(self.tree) if isinstance(n, ast.Name) and n.id == name)
        return min((n.lineno for n in nodes), default=None)


def read(text: str) -> Source:
    """Never raises for what is in it; `refused` says why it is not compiled."""
    empty = Source(text)
    if len(text) > CHARACTERS:
        long = empty.at(f"{len(text)} characters; at most {CHARACTERS}", code="size")
        return Source(text, refused=(long,))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text)
    except SyntaxError as error:
        found = empty.at(f"SyntaxError: {error.msg}", error.lineno, error.offset, "syntax")
        return Source(text, refused=(found,))
    except (ValueError, RecursionError, MemoryError) as error:
        return Source(text, refused=(empty.at(f"not Python: {error}", code="syntax"),))
    functions = {n.name: n.lineno for n in tree.body if isinstance(n, ast.FunctionDef)}
    jitted = tuple(n.name for n in tree.body if isinstance(n, ast.FunctionDef) and _is_jitted(n))
    refused = list(_refusals(empty, tree))
    if not jitted and not refused:
        message = "no function with @triton.jit; expected at least one"
        refused.append(empty.at(message, code="no-kernel"))
    return Source(text, functions, jitted, tuple(refused), tree)


def _is_jitted(node: ast.FunctionDef) -> bool:
    return any(_last(d) == "jit" for d in node.decorator_list)


def _last(node: ast.expr) -> str:
    """The last name of a decorator: "jit" of `triton.jit` and of `triton.jit(...)`."""
    inner = node.func if isinstance(node, ast.Call) else node
    return (
        ast.unparse(inner).rpartition(".")[2] if isinstance(inner, ast.Attribute | ast.Name) else ""
    )


def _refusals(source: Source, tree: ast.Module) -> Iterator[Diagnostic]:
    for node in ast.walk(tree):
        for message in _refusal(node):
            yield source.at(message, getattr(node, "lineno", None), None, "not-here")


def _refusal(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            for alias in names:
                if not _may_import(alias.name):
                    yield _import(alias.name)
        case ast.ImportFrom(module=module, level=level):
            if level or not _may_import(module or ""):
                yield _import("." * level + (module or ""))
        case ast.Name(id=name) if name in _NOT_HERE or _hidden(name):
            yield f"{name} cannot be used in a kernel's source"
        case ast.Attribute(attr=name) if _hidden(name):
            yield f"{name} cannot be used in a kernel's source"
        case ast.keyword(arg=str() as name) if name in _HOOKS:
            yield f"{name} runs Python around a kernel, which is not accepted; leave it out"
        case ast.Attribute(value=value, ctx=ast.Store() | ast.Del()):
            yield f"an attribute of {ast.unparse(value)[:40]} is changed, which is not accepted"
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            yield "asynchronous code cannot be used in a kernel's source"


def _hidden(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name != "__name__"


def _may_import(name: str) -> bool:
    return name in IMPORTS or name.startswith("triton.language.")


def _import(name: str) -> str:
    return (
        f"import of {name}: a kernel's source may import triton, triton.language and math only; "
        "tensors, grids and constants come from the launch specification"
    )


def nearest(name: str, known: Iterator[str] | tuple[str, ...]) -> str:
    names = tuple(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:9])}"
