"""Fenced code blocks of a Markdown text, as models write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MARKDOWN = frozenset({"markdown", "md"})
_FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_WORD = re.compile(r"[^\s{},:=]+")
_OPEN = re.compile(r"^\s*<(think|thinking|reasoning|reflection)>", re.IGNORECASE)
_CLOSE = re.compile(r"</(think|thinking|reasoning|reflection)>", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """One block. `closed` is False where its end never came."""

    language: str  # first word of the info string, lower case; "" where there is none
    text: str
    closed: bool = True


@dataclass
class _Open:
    """A block whose end is awaited."""

    mark: str
    language: str
    indent: str
    lines: list[str] = field(default_factory=list)

    def block(self, closed: bool) -> Block:
        text = "\n".join(_without(line, self.indent) for line in self.lines)
        return Block(self.language, text, closed)


def _without(line: str, indent: str) -> str:
    """A line of a block that is itself indented or quoted."""
    if indent and line.startswith(indent):
        return line[len(indent) :]
    kept = 0
    while kept < min(len(indent), len(line)) and line[kept] in " \t":
        kept += 1
    return line[kept:] if indent.strip() == "" else line


def blocks(text: str) -> list[Block]:
    """Blocks in order of their ends. Those inside a block of Markdown count, it does not.

    A fence with an info string inside a block of code begins a new block: the one before was never
    closed.
    """
    found: list[Block] = []
    stack: list[_Open] = []
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match is None or not _step(match, stack, found):
            for level in stack[-1:]:
                level.lines.append(line)
    found += [level.block(False) for level in stack if level.language not in MARKDOWN]
    return found


def _step(match: re.Match[str], stack: list[_Open], found: list[Block]) -> bool:
    """Takes in a line that may be a fence; False where it belongs to the text of a block."""
    mark, info = match["mark"], match["info"]
    top = stack[-1] if stack else None
    if info and mark[0] == "`" and "`" in info:
        return False
    if top is None:
        stack.append(_Open(mark, _language(info), match["indent"]))
        return True
    if mark[0] != top.mark[0] or len(mark) < len(top.mark):
        if top.language in MARKDOWN:
            stack.append(_Open(mark, _language(info), match["indent"]))
            return True
        return False
    if not info:
        closed = stack.pop()
        if closed.language not in MARKDOWN:
            found.append(closed.block(True))
        return True
    if top.language not in MARKDOWN:
        found.append(stack.pop().block(False))
    stack.append(_Open(mark, _language(info), match["indent"]))
    return True


def _language(info: str) -> str:
    word = _WORD.search(info)
    return word.group().strip(".").lower() if word else ""


def without_reasoning(text: str) -> str | None:
    """The answer proper, without what a model thought aloud; None where it never ends.

    Only at the beginning, and between blocks of code: a block may hold anything.
    """
    kept: list[str] = []
    lines = iter(text.split("\n"))
    inside: _Open | None = None
    for raw in lines:
        line, match = raw, _FENCE.match(raw)
        if inside is not None:
            ends = match is not None and not match["info"] and _closes(match["mark"], inside.mark)
            inside = None if ends else inside
        elif match is not None:
            inside = _Open(match["mark"], "", "")
        elif _OPEN.match(line):
            rest = _after(line, lines)
            if rest is None:
                return None
            line = rest
        kept.append(line)
    return _after_orphan("\n".join(kept))


def _closes(mark: str, opened: str) -> bool:
    return mark[0] == opened[0] and len(mark) >= len(opened)


def _after(line: str, lines: Iterator[str]) -> str | None:
    """What follows the end of the reasoning that begins in this line."""
    while True:
        match = _CLOSE.search(line)
        if match is not None:
            return line[match.end() :]
        following = next(lines, None)
        if following is None:
            return None
        line = following


def _after_orphan(text: str) -> str:
    """Some servers put the opening mark in the prompt, so that an answer has the closing one."""
    last: re.Match[str] | None = None
    for match in re.finditer(r"</(?:think|thinking)>", text, re.IGNORECASE):
        last = match
    return text[last.end() :] if last else text


def outside(text: str) -> Sequence[str]:
    """Lines of prose: those outside every block."""
    kept: list[str] = []
    stack: list[_Open] = []
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if match is not None and _step(match, stack, []):
            continue
        if not stack:
            kept.append(line)
    return kept
