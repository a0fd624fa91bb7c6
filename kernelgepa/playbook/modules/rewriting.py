"""The text of a ModelNew: the module's own, with another forward."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.source import parse, seed
from kernelgepa.playbook.modules.graph import Unsupported


def module(code: str, head: str, parameters: Sequence[str], body: Sequence[str]) -> str:
    """`head` comes after the imports. Constructor and attributes stay as they are.

    Raises Unsupported where the class cannot be found.
    """
    try:
        tree = parse(seed(code))
    except InputError as error:
        raise Unsupported(str(error)) from error
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    model = classes.get("ModelNew") or classes["Model"]
    lines = [f"def forward({', '.join(('self', *parameters))}):", *(f"    {b}" for b in body)]
    forward = ast.parse("\n".join(lines)).body
    kept = [n for n in model.body if not (isinstance(n, ast.FunctionDef) and n.name == "forward")]
    model.body = [*kept, *forward]
    first = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    # __future__ comes first of all, and imports before what `head` defines.
    first.sort(key=lambda n: not (isinstance(n, ast.ImportFrom) and n.module == "__future__"))
    rest = [n for n in tree.body if n not in first and not _bare(n)]
    imports = "\n".join(ast.unparse(n) for n in first)
    return "\n".join([imports, head, "\n\n\n".join(ast.unparse(n) for n in rest), ""])


def _bare(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def in_order(needs: Mapping[str, tuple[str, ...]], order: Sequence[str]) -> list[str]:
    """Names so that each comes after what it needs, else as in `order`."""
    done: dict[str, None] = {}
    for start in order:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            missing = [n for n in needs[name] if n not in done]
            if missing and name not in done:
                waiting += reversed(missing)
                continue
            waiting.pop()
            done.setdefault(name)
    return list(done)
