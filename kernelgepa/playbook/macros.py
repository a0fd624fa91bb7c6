"""Expands the macros a kernel defines for itself, so that its tree shows what it does."""

from __future__ import annotations

import re

from kernelgepa.playbook.syntax import find_function, operand, parse, text, walk

_ANNOTATION = re.compile(r"\bchess_(?:prepare_for_pipelining|loop_range|loop_count|unroll_loop|"
                         r"flatten_loop)\b(?:\s*\([^()\n]*\))?")  # fmt: skip
ROUNDS = 8  # macros within macros


def expanded(source: str, function: str) -> str:
    """The source with its own macros replaced in the function; unchanged where it has none.

    Annotations of loops for the other compiler, which hide them from the parser, are left out.
    """
    source = _ANNOTATION.sub("", source)
    root = parse(source)
    plain: dict[str, str] = {}
    calls: dict[str, tuple[list[str], str]] = {}
    for node in walk(root):
        if node.type not in ("preproc_def", "preproc_function_def"):
            continue
        name, body = text(operand(node, "name")), node.child_by_field_name("value")
        content = text(body).replace("\\\n", " ").strip() if body is not None else ""
        if node.type == "preproc_def":
            plain[name] = content
        else:
            inner = [c for c in operand(node, "parameters").children if c.type == "identifier"]
            calls[name] = ([text(c) for c in inner], content)
    tree = find_function(root, function)
    if tree is None or not (plain or calls):
        return source
    raw = source.encode()
    before, after = raw[: tree.start_byte].decode(), raw[tree.end_byte :].decode()
    return before + _replaced(text(tree), plain, calls) + after


def _replaced(body: str, plain: dict[str, str], calls: dict[str, tuple[list[str], str]]) -> str:
    for _ in range(ROUNDS):
        now = re.sub(r"\b[A-Za-z_]\w*\b", lambda m: plain.get(m[0], m[0]), body)
        for name, (parameters, content) in calls.items():
            now = _called(now, name, parameters, content)
        if now == body:
            break
        body = now
    return body


def _called(body: str, name: str, parameters: list[str], content: str) -> str:
    """Every call of one macro replaced by its content."""
    start = 0
    while (match := re.compile(rf"\b{name}\s*\(").search(body, start)) is not None:
        arguments, end = _arguments(body, match.end())
        if len(arguments) != len(parameters) or "#" in content:
            start = match.end()
            continue
        values = dict(zip(parameters, arguments, strict=True))
        made = re.sub(r"\b[A-Za-z_]\w*\b", lambda m, v=values: v.get(m[0], m[0]), content)  # type: ignore[misc]
        body = body[: match.start()] + made + body[end:]
        start = match.start() + len(made)
    return body


def _arguments(body: str, at: int) -> tuple[list[str], int]:
    """The arguments from behind the bracket on, and where the call ends."""
    found: list[str] = []
    depth, begin = 1, at
    for position in range(at, len(body)):
        character = body[position]
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return [*found, body[begin:position].strip()], position + 1
        if character == "," and depth == 1:
            found.append(body[begin:position].strip())
            begin = position + 1
    return [], len(body)
