"""A reference's text, rewritten and never run: other sizes, and a candidate equal to it."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.fold import module
from kernelgepa.kernelbench.values import Literal

ENTRY = ("get_inputs", "get_init_inputs")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def with_sizes(code: str, sizes: Mapping[str, int]) -> str:
    """The text with these whole numbers in place of those assigned at its top level.

    A key is a name, or a place in a tuple or list assigned to one: "shape[1]". What is written as
    a number, or as arithmetic of numbers alone (`2**14`), is replaced; what is computed from other
    names stays as it is and follows them. Everything else is the same, byte for byte. Raises
    InputError for a name that is not assigned a whole number once, at the top level.
    """
    if not sizes:
        return code
    tree = parse(code)
    known = module(tree, code).literals
    stores = list(_stored(tree))
    found = [(_literal(known, stores, name), value) for name, value in sizes.items()]
    raw = code.encode("utf-8", "surrogatepass")
    for literal, value in sorted(found, key=lambda f: -f[0].start):
        if value != literal.value:
            raw = raw[: literal.start] + str(int(value)).encode() + raw[literal.end :]
    return raw.decode("utf-8", "surrogatepass")


def numbers(code: str) -> dict[str, int]:
    """The whole numbers that `with_sizes` can replace, by name. Raises InputError."""
    tree = parse(code)
    known, stores = module(tree, code).literals, list(_stored(tree))
    return {label: n.value for label, n in known.items() if not _trouble(known, stores, label)}


def seed(code: str) -> str:
    """A candidate equal to the reference: its class Model as ModelNew, and what that needs.

    get_inputs, get_init_inputs, what is only for them, and what runs only as a script are left
    out; text that stays is not changed otherwise. Raises InputError.
    """
    tree = parse(code)
    if not any(isinstance(n, ast.ClassDef) and n.name == "Model" for n in tree.body):
        raise InputError("it defines no class Model at its top level")
    kept = needed(tree, {"Model"})
    plain = not any(_binds_otherwise(n) for n in kept)
    made = _Text(code).kept(tree, kept, plain)
    return made if plain else f"{made}\n\nModelNew = Model\n"


def only(code: str, wanted: Set[str]) -> str:
    """The text of some of a file's names, and what they need. Raises InputError.

    Of two parts of one file each gets its own; what is called to make a value is part of it. What
    asks kernelgepa for something, and what is made of its answer, is not.
    """
    code = _apart(code)
    tree = parse(code)
    asking = _asking(tree, wanted)
    inner = ast.Module([n for n in tree.body if n not in asking], [])
    kept = needed(inner, wanted, calls=False)
    imported = set[str]().union(*(_bound(n) for n in asking if _ours(n)))
    if any(_globals(n) & imported for n in kept):  # which cannot do without; that is said later
        kept = needed(tree, wanted, calls=False)
    return _Text(code).kept(tree, kept, False)


def _apart(code: str) -> str:
    """The same text, kernelgepa imported by statements of its own."""
    cuts = []
    text = _Text(code)
    for node in parse(code).body:
        if isinstance(node, ast.Import) and 0 < len(own := _ours(node)) < len(node.names):
            others = [n for n in node.names if n not in own]
            lines = [ast.unparse(ast.Import(names)) for names in (others, own)]
            start = text.at(node.lineno, node.col_offset)
            end = text.at(node.end_lineno or node.lineno, node.end_col_offset or 0)
            cuts.append((start, end, "\n".join(lines).encode()))
    return text.replaced(cuts)


def _asking(tree: ast.Module, wanted: Set[str]) -> list[ast.stmt]:
    """Statements of the top level that use kernelgepa, or what was made with it."""
    found, names = list[ast.stmt](), set[str]()
    while True:
        more = [
            n
            for n in tree.body
            if n not in found and not _bound(n) & wanted and (_globals(n) & names or _ours(n))
        ]
        if not more:
            return found
        found += more
        names.update(*(_bound(n) for n in more))


def _globals(node: ast.stmt) -> set[str]:
    """Names of the module that a statement reads, wherever in it."""
    found = set[str]()
    top = symtable.symtable(ast.unparse(node), "part", "exec")
    todo = [top]
    while todo:
        table = todo.pop()
        todo += table.get_children()
        found |= {
            s.get_name()
            for s in table.get_symbols()
            if s.is_referenced() and (table is top or s.is_global())
        }
    return found


def _ours(node: ast.stmt) -> list[ast.alias]:
    """What an import takes from kernelgepa."""
    if isinstance(node, ast.ImportFrom):
        return node.names if (node.module or "").partition(".")[0] == "kernelgepa" else []
    names = node.names if isinstance(node, ast.Import) else []
    return [n for n in names if n.name.partition(".")[0] == "kernelgepa"]


def needed(tree: ast.Module, wanted: Set[str], calls: bool = True) -> list[ast.stmt]:
    """Statements of the top level that the names wanted need, in order.

    Definitions, imports and plain assignments stay where something that stays reads them; what
    may have an effect stays, except what runs only as a script. `calls`: an assignment or a
    decorator that calls something may have one.
    """
    kept = [n for n in tree.body if _effect(n, calls)]
    names = set(wanted).union(*(_read(n) for n in kept))
    left = [n for n in tree.body if n not in kept and not script(n)]
    while True:
        more = [n for n in left if _bound(n) & names]
        if not more:
            break
        names.update(*(_read(n) for n in more))
        left = [n for n in left if n not in more]
        kept += more
    kept += [n for n in left if isinstance(n, ast.Import | ast.ImportFrom) and _always(n)]
    return [n for n in tree.body if n in kept]


def parse(code: str) -> ast.Module:
    """The syntax tree of a user's text. Raises InputError, one sentence."""
    return parse_of(code, "")


def parse_of(code: str, origin: str) -> ast.Module:
    """As `parse`, of a text from somewhere."""
    place = f"{origin}: " if origin else ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(code)
    except SyntaxError as error:
        raise InputError(f"{place}line {error.lineno or 1}: not Python: {error.msg}") from error
    except ValueError as error:
        raise InputError(f"{place}not Python: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise InputError(f"{place}its expressions are nested too deeply to be read") from error


def _literal(known: Mapping[str, Literal], stores: list[str], label: str) -> Literal:
    trouble = _trouble(known, stores, label)
    if trouble:
        raise InputError(trouble)
    return known[label]


def _trouble(known: Mapping[str, Literal], stores: list[str], label: str) -> str:
    """Why a number cannot be replaced; empty where it can."""
    name = re.split(r"[\[.']", label)[0]
    times = stores.count(name)
    if times > 1:
        return f"{label!r} is assigned {times} times; a size of a workload is assigned once"
    if label in known:
        return ""
    able = [other for other in known if stores.count(re.split(r"[\[.']", other)[0]) == 1]
    numbers = f"those are {', '.join(able[:12])}" if able else "there is none"
    how = "is not assigned a whole number" if times else "is not assigned"
    return f"{label!r} {how} at the top level of the reference; {numbers}"


def _stored(tree: ast.Module) -> Iterator[str]:
    """Names the module's own code assigns, and those that functions declare global, each time."""
    todo: list[tuple[ast.AST, bool]] = [(n, True) for n in tree.body]
    while todo:
        node, outer = todo.pop()
        if outer and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif outer and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Global):
            yield from node.names
        inside = outer and not isinstance(node, _INNER)
        todo += [(child, inside) for child in ast.iter_child_nodes(node)]


def script(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":` without a part for modules."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) and not node.orelse


def _effect(node: ast.stmt, calls: bool = True) -> bool:
    """Whether a statement may do more than bind its names; a bare text, as in docstrings, may."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return calls and bool(node.decorator_list) and node.name not in ENTRY
    if isinstance(node, ast.ClassDef | ast.Import | ast.ImportFrom) or script(node):
        return False
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        simple = all(isinstance(t, ast.Name | ast.Tuple | ast.List) for t in targets)
        called = (
            calls
            and node.value is not None
            and any(isinstance(n, ast.Call | ast.NamedExpr) for n in ast.walk(node.value))
        )
        return called or not simple
    return True


def _always(node: ast.Import | ast.ImportFrom) -> bool:
    """Imports that bind nothing one could see being read."""
    star = any(a.name == "*" for a in node.names)
    return star or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _bound(node: ast.stmt) -> set[str]:
    """Names of the module that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(a.asname or a.name).split(".")[0] for a in node.names}
    found = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in found if isinstance(n.ctx, ast.Store)}


def _read(node: ast.stmt) -> set[str]:
    """Names a statement reads or declares global, wherever in it; a few too many are no harm."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names.union(*(n.names for n in ast.walk(node) if isinstance(n, ast.Global)))


def _binds_otherwise(node: ast.stmt) -> bool:
    """Whether Model is the name of something else in it, so that it cannot just be renamed."""
    for n in ast.walk(node):
        if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            named = n.name == "Model" and n is not node
        elif isinstance(n, ast.arg | ast.keyword):
            named = n.arg == "Model"
        elif isinstance(n, ast.alias):
            named = "Model" in (n.name, n.asname)
        elif isinstance(n, ast.Global | ast.Nonlocal):
            named = "Model" in n.names
        else:
            named = isinstance(n, ast.Name) and n.id == "Model" and not isinstance(n.ctx, ast.Load)
        if named:
            return True
    return False


@dataclass(frozen=True)
class _Text:
    """A text by bytes, as the syntax tree counts columns."""

    code: str

    def kept(self, tree: ast.Module, kept: Sequence[ast.stmt], rename: bool) -> str:
        """The text of these statements. `rename`: Model is ModelNew in it."""
        gone = [n for n in tree.body if n not in kept]
        cuts = [(*span, b"") for span in self.spans(tree.body, gone)]
        if rename:
            size = len(b"Model")
            cuts += [(at, at + size, b"ModelNew") for n in kept for at in self.names(n)]
        return self.replaced(cuts).strip("\n") + "\n"

    @cached_property
    def lines(self) -> list[bytes]:
        return self.code.encode("utf-8", "surrogatepass").splitlines(keepends=True)

    def at(self, line: int, column: int = 0) -> int:
        return sum(map(len, self.lines[: line - 1])) + column

    def spans(self, body: list[ast.stmt], gone: list[ast.stmt]) -> Iterator[tuple[int, int]]:
        """Whole lines of the statements that go, with the comment right above each; statements
        that share a line go together or stay."""
        shared = {n.lineno for n in body if n not in gone}
        shared |= {n.end_lineno or n.lineno for n in body if n not in gone}
        for node in gone:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            last = node.end_lineno or node.lineno
            if first in shared or last in shared:
                continue
            while first > 1 and self.lines[first - 2].lstrip().startswith(b"#"):
                first -= 1
            yield self.at(first), self.at(last + 1)

    def names(self, node: ast.stmt) -> Iterator[int]:
        """Where Model is named: the class itself, and everything that reads it."""
        if isinstance(node, ast.ClassDef) and node.name == "Model":
            raw = b"".join(self.lines)
            start = self.at(node.lineno, node.col_offset)
            match = re.compile(rb"class(?:\s|\\\r?\n)+").match(raw, start)
            yield match.end() if match else start
        for n in ast.walk(node):
            if isinstance(n, ast.Name) and n.id == "Model":
                yield self.at(n.lineno, n.col_offset)

    def replaced(self, cuts: list[tuple[int, int, bytes]]) -> str:
        raw = self.code.encode("utf-8", "surrogatepass")
        end = len(raw) + 1
        for start, stop, new in sorted(cuts, reverse=True):
            if stop <= end:  # a span that another covers goes with it
                raw, end = raw[:start] + new + raw[stop:], start
        return raw.decode("utf-8", "surrogatepass")
