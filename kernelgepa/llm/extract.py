"""What a model wrote, as a component's new text, or why it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernelgepa.candidate import KERNEL
from kernelgepa.llm import edits
from kernelgepa.llm.fences import Block, blocks, outside, without_reasoning
from kernelgepa.llm.words import clean, one_line

MOST_TEXT = 100_000  # characters of a component
NOTE = 200  # characters
LABEL = 20  # characters

_CPP = frozenset({"cpp", "c++", "cc", "c", "cxx", "h", "hpp"})
_PYTHON = frozenset({"python", "py", "python3", "triton"})
_LANGUAGES: Mapping[str, tuple[str, frozenset[str]]] = {
    "npu-sim": ("cpp", _CPP),
    "triton": ("python", _PYTHON),
    "torch": ("python", _PYTHON),
    "cuda": ("cuda", frozenset({"cu", "cuda"}) | _CPP),
}
LAUNCH = "launch"  # the component that says how kernels are launched
_LAUNCH = ("toml", frozenset({"toml", "ini"}))
_UNLABELLED = frozenset({"", "text", "txt", "plaintext", "code"})
_EDITS = frozenset({"diff", "edit", "edits", "patch"})


@dataclass(frozen=True)
class Found:
    """The new text with the model's own reason, or `failure` with what was wrong in `note`."""

    text: str | None
    note: str = ""
    failure: str = ""


def language(target: str, component: str) -> str:
    """What a block is to be labelled; "" where any label will do."""
    return _labels(target, component)[0]


def _labels(target: str, component: str) -> tuple[str, frozenset[str]]:
    """The label that is asked for, and all that are taken."""
    if component == KERNEL:
        return _LANGUAGES.get(target, ("", frozenset()))
    return _LAUNCH if component == LAUNCH else ("", frozenset())


def extract(answer: str, parent: str, target: str, component: str) -> Found:
    """The last closed block of the right language: a whole text, or edits of the parent's."""
    proper = without_reasoning(clean(answer))
    if proper is None:
        return Found(None, "the answer ends inside the model's reasoning", "truncated")
    if not proper.strip():
        return Found(None, "the answer is empty", "empty")
    given = blocks(proper)
    right = _right(given, target, component)
    if not right:
        wanted = language(target, component) or "any language"
        labels = sorted({one_line(b.language, LABEL) or "nothing" for b in given})
        other = f"blocks labelled {', '.join(labels)} without edits" if labels else "only prose"
        return Found(None, f"the answer has no block of code ({wanted}), {other}", "prose")
    if not right[-1].closed:
        return Found(None, "the last block of code has no end: the answer was cut off", "truncated")
    text = _text(right, parent)
    return _checked(text, parent, proper) if isinstance(text, str) else text


def _right(found: Sequence[Block], target: str, component: str) -> list[Block]:
    """Blocks of the language; where there are none, those without a label."""
    if not language(target, component):
        return list(found)
    names = _labels(target, component)[1]
    labelled = [
        b
        for b in found
        if b.language in names or (b.language in _EDITS | _UNLABELLED and edits.has_edits(b.text))
    ]
    if any(b.language in names for b in found):
        return labelled
    return labelled or [b for b in found if b.language in _UNLABELLED]


def _text(right: Sequence[Block], parent: str) -> str | Found:
    """Of the last whole text, or of all edits after it."""
    last = right[-1]
    if not edits.has_edits(last.text):
        return last.text
    parts: list[str] = []
    for block in reversed(right):
        if not block.closed or not edits.has_edits(block.text):
            break
        parts.insert(0, block.text)
    try:
        return edits.apply(clean(parent), edits.parse("\n".join(parts)))
    except edits.EditError as error:
        return Found(None, str(error), "edits")


def _checked(text: str, parent: str, answer: str) -> Found:
    if not text.strip():
        return Found(None, "the block of code is empty", "empty")
    if len(text) > MOST_TEXT:
        said = f"the new text has {len(text)} characters, more than {MOST_TEXT}"
        return Found(None, said, "too long")
    if _plain(text) == _plain(clean(parent)):
        return Found(None, "the block of code equals the parent's", "unchanged")
    return Found(text.rstrip("\n") + "\n", note(answer))


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def note(answer: str) -> str:
    """The model's reason in one line: what it wrote after "Change:", else its first words."""
    lines = [line.strip().strip("*#_-> ").strip() for line in outside(answer)]
    lines = [line for line in lines if line]
    for line in lines:
        head, mark, rest = line.partition(":")
        if mark and head.strip("*_ ").lower() == "change" and rest.strip("*_ "):
            return one_line(rest.strip("*_ "), NOTE)
    return one_line(lines[0], NOTE) if lines else ""
