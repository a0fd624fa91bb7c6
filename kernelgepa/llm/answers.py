"""Answers of models across runs, by what was asked: they make a run replayable at no cost."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kernelgepa.home import cache_home
from kernelgepa.runs.settings import Model


@dataclass(frozen=True)
class Answer:
    """What a model wrote. Token counts are None where the server gave none."""

    text: str
    finish: str = "stop"
    tokens_in: int | None = None
    tokens_out: int | None = None
    instead: str = ""  # what came in place of a text, in words; "" where there is one


def default_directory() -> Path:
    """XDG_CACHE_HOME/kernelgepa/answers, else below ~/.cache."""
    return cache_home() / "answers"


def key(model: Model, messages: Sequence[Mapping[str, str]], asked_before: int) -> str:
    """Hash of everything that is sent, and of how often it was."""
    asked = {
        "model": model.name,
        "api_base": model.api_base,
        "max_tokens": model.max_tokens,
        "temperature": model.temperature,
        "messages": [dict(m) for m in messages],
        "asked_before": asked_before,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Answers:
    """A directory of answers. One that cannot be written is as if there were none."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or default_directory()

    def _path(self, name: str) -> Path:
        return self._directory / name[:2] / f"{name}.json"

    def get(self, name: str) -> Answer | None:
        try:
            return _answer(json.loads(self._path(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, name: str, answer: Answer) -> None:
        path = self._path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            part.write_text(json.dumps(asdict(answer)), encoding="utf-8")
            part.replace(path)


def _answer(data: Any) -> Answer:
    """Raises TypeError for what is none."""
    found = Answer(**data)
    counts = (found.tokens_in, found.tokens_out)
    if not all(isinstance(t, str) for t in (found.text, found.finish, found.instead)):
        raise TypeError("an answer has a text and a reason of its end")
    if not all(c is None or type(c) is int for c in counts):
        raise TypeError("tokens are whole numbers")
    return found
