"""Whether nvcc is here."""

from __future__ import annotations

import shutil


def found() -> str | None:
    return shutil.which("nvcc")
