"""How many elements a buffer has, as far as loops and comments say.

Understood are counted loops, constants and indexes made of whole numbers, loop variables, named
constants and `+ - * / % << >>`. What is not understood is not guessed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

Interval = tuple[int, int]  # least and greatest value

_FOR = re.compile(
    r"\bfor\s*\(\s*[\w:\s]*?\b(\w+)\s*=\s*([^;]*);\s*\1\s*(<=?|!=|>=?)\s*([^;]+);"
    r"(?:\s*\1\s*\+=\s*(\w+)\s*\))?"
)
_NAMED = re.compile(
    r"\b(?:int|unsigned|short|auto|u?int(?:8|16|32)_t|size_t)\s+(\w+)\s*=\s*([^;,]+)[;,]"
    r"|#\s*define\s+(\w+)\s+(\S[^\n]*)"
)
_WORDS = re.compile(
    r"\b(?:N|length|len|count|size)\s*(?:of|is)?\s*[:=]?\s*([0-9]{1,9})\b|"
    r"\b([0-9]{1,9})[- ](?:elements?|values|items|entries|length)\b"
)
_BYTES = {"8": 1, "16": 2, "32": 4}


def from_words(comment: str) -> int | None:
    """The one length a comment names; None where it names none or several."""
    found = {int(a or b) for a, b in _WORDS.findall(comment)}
    return found.pop() if len(found) == 1 and 0 not in found else None


def from_loops(name: str, text: str, body: str, scalars: Mapping[str, int | float]) -> int | None:
    """One more than the greatest index with which `body` uses buffer `name`.

    `text` is the whole blanked source, for constants. None where a use is not understood.
    """
    constants = _constants(text, {n: (v, v) for n, v in scalars.items() if isinstance(v, int)})
    elements, vectors = _uses(name, body)
    if len(elements) + len(vectors) != len(re.findall(rf"\b{re.escape(name)}\b", body)):
        return None
    by_element = {**constants, **_variables(body, constants, True)}
    by_step = {**constants, **_variables(body, constants, False)}
    reached = [_interval(i, by_element) for i in elements] + [
        _interval(i, by_step) for i in vectors
    ]
    known = [r[1] for r in reached if r is not None and r[0] >= 0]
    return max(known) + 1 if known and len(known) == len(reached) else None


def _uses(name: str, body: str) -> tuple[list[str], list[str]]:
    """Index expressions: of NAME[...] and *NAME; of load_v(NAME + ...), many elements each."""
    quoted = re.escape(name)
    elements = re.findall(rf"\b{quoted}\s*\[([^\]]*)\]", body)
    plain = rf"[^\w)\]\s]\s*\*\s*{quoted}\b(?!\s*[\[-]|\s*\+(?!=))"
    elements += ["0" for _ in re.findall(plain, body)]
    return elements, [
        i or "0" for i in re.findall(rf"\(\s*{quoted}\s*(?:\+\s*([^,()]+))?[,)]", body)
    ]


def _constants(text: str, names: dict[str, Interval]) -> dict[str, Interval]:
    """Names whose one definition has a value that is known, after those given."""
    for first, value, macro, expansion in _NAMED.findall(text):
        name = first or macro
        writes = re.findall(
            rf"\b{name}\b\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)|\b{name}\b\s*(?:\+\+|--)", text
        )
        before = re.findall(rf"(?:\+\+|--)\s*{name}\b", text)
        found = _interval(value or expansion, names)
        if found is not None and len(writes) + len(before) <= 1:
            names[name] = found
    return names


def _variables(body: str, constants: Mapping[str, Interval], stepped: bool) -> dict[str, Interval]:
    """Values of loop variables that mean the same in every loop that has them.

    `stepped`: up to the last value itself; else up to where its step reaches.
    """
    made: dict[str, Interval] = {}
    unknown = set()
    for name, start, comparison, limit, step in _FOR.findall(body):
        first, last = _interval(start, {**constants, **made}), _interval(limit, constants)
        by = _interval(step or "1", constants)
        if first is None or last is None or by is None or by[0] < 1:
            unknown.add(name)
            continue
        if comparison.startswith(">"):
            span = (last[0] + (comparison == ">"), first[1])
        else:
            span = (first[0], last[1] - (comparison != "<="))
            if stepped:
                span = (span[0], span[1] - (span[1] - first[0]) % by[0])
        if made.setdefault(name, span) != span:
            unknown.add(name)
    return {n: i for n, i in made.items() if n not in unknown}


def _interval(text: str, names: Mapping[str, Interval]) -> Interval | None:
    """Values an expression can have; None for what is not understood."""
    plain = re.sub(r"\b(\d+)[uUlL]+\b", r"\1", text.strip())
    plain = re.sub(r"\bsizeof\s*\(\s*u?int(8|16|32)_t\s*\)", lambda m: str(_BYTES[m[1]]), plain)
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _of(tree.body, names)


def _of(node: ast.expr, names: Mapping[str, Interval]) -> Interval | None:
    if isinstance(node, ast.Constant):
        return (node.value, node.value) if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _of(node.left, names), _of(node.right, names)
    if left is None or right is None:
        return None
    return _combined(node.op, left, right)


def _combined(operator: ast.operator, left: Interval, right: Interval) -> Interval | None:
    if isinstance(operator, ast.Add):
        return left[0] + right[0], left[1] + right[1]
    if isinstance(operator, ast.Sub):
        return left[0] - right[1], left[1] - right[0]
    if isinstance(operator, ast.Mult):
        corners = [a * b for a in left for b in right]
        return min(corners), max(corners)
    if right[0] != right[1] or left[0] < 0 or not 0 <= right[0] < 2**20:
        return None
    return _by_constant(operator, left, right[0])


def _by_constant(operator: ast.operator, left: Interval, by: int) -> Interval | None:
    if isinstance(operator, ast.Mod) and by:
        return 0, min(left[1], by - 1)
    if isinstance(operator, ast.LShift) and by < 32:
        return left[0] << by, left[1] << by
    if isinstance(operator, ast.RShift) and by < 32:
        return left[0] >> by, left[1] >> by
    if isinstance(operator, ast.Div) and by:
        return left[0] // by, left[1] // by
    return None
