"""Runs that the page must stay readable with: many tasks, and many candidates of one."""

from __future__ import annotations

from pathlib import Path

from kernelgepa.runs.view import RunView
from tests.report.made import Editor, make

WORDS = ("relu", "softmax", "rms_norm", "conv3x3", "matmul", "requantize", "sum", "maxpool", "axpy")
TYPES = ("i8", "u8", "i16", "bf16", "i32", "f32")
NAMES = tuple(f"{w}_{t}" for w in WORDS for t in TYPES)


def big(folder: Path) -> RunView:
    return make(folder, NAMES, 540, Editor(price=0.0031))


def deep(folder: Path) -> RunView:
    """One task of a thousand candidates."""
    return make(folder, ("sat_add",), 1000, Editor(varied=1.0))
