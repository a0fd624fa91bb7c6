"""Texts that come from elsewhere, made fit for a line of a report or of a prompt."""

from __future__ import annotations

import os
import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.IGNORECASE)
_KEY_LIKE = re.compile(r"\b(?:sk|pk|gsk|xai|AIza|hf)[-_][A-Za-z0-9_\-*]{6,}|\bBearer\s+\S+")
_LEAST_SECRET = 8  # characters; shorter values of such variables are no keys


def clean(text: str) -> str:
    """As text that can be written: line ends are newlines, no half characters, no mark before."""
    whole = text.encode("utf-8", "replace").decode()
    return whole.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str, most: int) -> str:
    """Without line ends and control characters, cut to `most` characters."""
    flat = _CONTROL.sub("", " ".join(clean(text).split()))
    return flat if len(flat) <= most else flat[: max(0, most - 1)].rstrip() + "…"


def cut(text: str, most: int) -> str:
    """The beginning of a text that is longer than `most`, with what was left out said."""
    if len(text) <= most:
        return text
    kept = text[:most]
    line_end = kept.rfind("\n")
    if line_end > most // 2:
        kept = kept[:line_end]
    return f"{kept}\n[{len(text) - len(kept)} more characters are left out]"


def without_keys(text: str) -> str:
    """Without the values of the environment's variables that hold keys: a server may echo one."""
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name) and len(value) >= _LEAST_SECRET:
            text = text.replace(value, "[key]")
    return text


def no_secrets(text: str) -> str:
    """For messages, which are no code: without what looks like a key, too."""
    return _KEY_LIKE.sub("[key]", without_keys(text))


def fence_for(text: str) -> str:
    """Backticks: more than stand in a row anywhere in the text, at least three."""
    return "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))


def fenced(text: str, language: str = "") -> str:
    """A text as data: in a fence that nothing inside can close."""
    mark = fence_for(text)
    return f"{mark}{language}\n{text.rstrip(chr(10))}\n{mark}"
