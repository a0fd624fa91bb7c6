"""Finds the content folders (feedback, docs_index, sandbox, tasks) in a wheel or a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from kernelgepa.errors import InfrastructureError

Folder = Literal["feedback", "docs_index", "sandbox", "tasks"]


@cache
def content(folder: Folder) -> Path:
    """Directory of a content folder.

    Raises InfrastructureError where the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_content", package.parent):
        found = root / folder
        if found.is_dir():
            return found
    raise InfrastructureError(
        f"content folder {folder!r} not found beside or inside {package}; reinstall kernelgepa"
    )
