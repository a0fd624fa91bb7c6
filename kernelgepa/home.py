"""Where a user's caches are."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> str:
    """The user's home; a path that does not exist for a user who has none, as in a container."""
    found = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return found if found.startswith("/") else "/nonexistent"


def cache_home() -> Path:
    """XDG_CACHE_HOME/kernelgepa, else ~/.cache/kernelgepa. It may not be writable.

    A relative XDG_CACHE_HOME is no place, as its specification has it.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path(home()) / ".cache") / "kernelgepa"
