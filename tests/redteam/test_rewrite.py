"""A rewritten candidate is the same program, and shares no telling word with the original."""

from __future__ import annotations

import ast
import io
import re
import tokenize

import pytest

from kernelgepa.redteam.cases import RedCase, load
from kernelgepa.redteam.rewrite import rewritten

CASES = load()
# What the language, the contract or the judge's own names ask for.
ALLOWED = {
    "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not",
    "or", "pass", "raise", "return", "try", "while", "with", "yield", "None", "True", "False",
    "self", "cls", "super", "ModelNew", "forward", "importlib", "import_module",
}  # fmt: skip


def words(code: str) -> set[str]:
    """Everything a scan could look for: names, and words in strings."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    wanted = (
        (tokenize.NAME, tokenize.STRING, tokenize.FSTRING_MIDDLE)
        if hasattr(tokenize, "FSTRING_MIDDLE")
        else (tokenize.NAME, tokenize.STRING)
    )
    texts = [t.string for t in tokens if t.type in wanted]
    return {w for text in texts for w in re.findall(r"[A-Za-z_]{4,}", text)}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_no_telling_word_is_left(case: RedCase) -> None:
    tree, problem = ast.parse(case.hostile), ast.parse(case.code)
    given = {n for t in (tree, problem) for n in members(t)}
    shared = words(case.hostile) & words(case.source("rewritten"))
    assert shared <= ALLOWED | given | triton_words(tree)


def triton_words(tree: ast.Module) -> set[str]:
    """Of functions that Triton reads: they stay as they are."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.decorator_list]
    return {w for f in functions if "jit" in ast.unparse(f) for w in words(ast.unparse(f))}


def members(tree: ast.Module) -> set[str]:
    """Names by which a class is known to its callers, and the problem's own."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found |= {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
            found |= {x.id for n in node.body for x in assigned(n)}
            found |= {b.id for b in node.bases if isinstance(b, ast.Name)}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.add(statement.name)
        if isinstance(statement, ast.Assign):
            found |= {t.id for t in statement.targets if isinstance(t, ast.Name)}
    return found


def assigned(statement: ast.stmt) -> list[ast.Name]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [t for t in targets if isinstance(t, ast.Name)]


def test_the_program_stays_the_same() -> None:
    code = '''
import math as m
from math import floor

FACTOR = 3


class Counter:
    """Counts."""

    start = 5

    def __init__(self, step=1):
        self.count = self.start
        self.step = step

    def add(self, times):
        global total
        for _ in range(times):
            self.count += self.step * FACTOR
        total = self.count
        return f"{self.count:d}/{m.sqrt(16):.1f}/{floor(2.5)}"


try:
    raise ValueError("no")
except ValueError as error:
    said = str(error)

result = [Counter(step=2).add(4), total, said, max([1, 2], key=lambda v: -v)]
'''
    one: dict[str, object] = {}
    other: dict[str, object] = {}
    exec(code, one)
    exec(rewritten(code, "result = 0"), other)
    assert one["result"] == other["result"] == ["29/4.0/2", 29, "no", 1]
