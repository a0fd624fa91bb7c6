"""How many elements a buffer has, as far as loops and comments say.

Recognised are loops `for (T i = A; i < B; ...)` whose B is a number, a constexpr or a macro, and
accesses whose index is the sum of a loop's variable and constants. Nothing is guessed beyond.
"""

from __future__ import annotations

import ast
import re

_FOR = re.compile(r"\bfor\s*\(\s*[\w:\s]*?\b(\w+)\s*=\s*[^;]*;\s*\1\s*(<=?|!=)\s*([^;]+);")
_CONSTANT = re.compile(
    r"(?:\b(?:const|constexpr)\b[\w:\s]*?\b(\w+)\s*=\s*([^;,]+)[;,])|(?:#\s*define\s+(\w+)\s+(\S[^\n]*))"
)
_WORDS = re.compile(
    r"\b(?:N|length|len|count)\s*[:=]?\s*(\d+)\b|"
    r"\b(\d+)[- ](?:elements?|values|items|entries)\b"
)


def from_words(comment: str) -> int | None:
    """The one length a comment names; None where it names none or several."""
    found = {int(a or b) for a, b in _WORDS.findall(comment)}
    found.discard(0)
    return found.pop() if len(found) == 1 else None


def from_loops(name: str, text: str, body: str) -> int | None:
    """One more than the greatest index with which `body` uses buffer `name`.

    `text` is the whole blanked source, for constants. None where an access is not understood.
    """
    constants = _constants(text)
    bounds = _bounds(body, constants)
    indexes = _indexes(name, body)
    if not indexes:
        return None
    sizes = [_size(index, bounds, constants) for index in indexes]
    known = [s for s in sizes if s is not None]
    return max(known) if len(known) == len(sizes) else None


def _indexes(name: str, body: str) -> list[str]:
    """Index expressions: NAME[...], load/store(NAME + ...), *NAME."""
    quoted = re.escape(name)
    found = re.findall(rf"\b{quoted}\s*\[([^\]]*)\]", body)
    found += [i or "0" for i in re.findall(rf"\(\s*{quoted}\s*(?:\+\s*([^,()]+))?[,)]", body)]
    found += ["0"] * len(re.findall(rf"(?<![\w)\]])\s\*\s*{quoted}\b(?!\s*\+)", body))
    used = len(re.findall(rf"\b{quoted}\b", body))
    return found if len(found) == used else []


def _constants(text: str) -> dict[str, int]:
    made: dict[str, int] = {}
    for first, value, macro, expansion in _CONSTANT.findall(text):
        number = _value(value or expansion, made)
        if number is not None:
            made[first or macro] = number
    return made


def _bounds(body: str, constants: dict[str, int]) -> dict[str, int]:
    """Greatest value each loop variable takes; of two loops with one variable, the greater."""
    made: dict[str, int] = {}
    for variable, comparison, limit in _FOR.findall(body):
        number = _value(limit, constants)
        if number is not None:
            made[variable] = max(made.get(variable, 0), number - (comparison != "<="))
    return made


def _size(index: str, bounds: dict[str, int], constants: dict[str, int]) -> int | None:
    last = _value(index, {**constants, **bounds})
    return None if last is None or last < 0 else last + 1


def _value(text: str, names: dict[str, int]) -> int | None:
    """A sum or product of non-negative integers and known names; None for all else."""
    plain = re.sub(r"\b(\d+)[uUlL]+\b", r"\1", text.strip())
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError):
        return None
    return _evaluated(tree.body, names)


def _evaluated(node: ast.expr, names: dict[str, int]) -> int | None:
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.BinOp):
        left, right = _evaluated(node.left, names), _evaluated(node.right, names)
        if left is None or right is None:
            return None
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Mult):
            return left * right
    return None
