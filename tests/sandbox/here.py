"""The sandboxes to be tested on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

from tests.sandbox.engine import found


@cache
def sandboxes() -> tuple[str, ...]:
    """Those that KERNELGEPA_SANDBOXES demands, else those that can be had here."""
    demanded = os.environ.get("KERNELGEPA_SANDBOXES")
    if demanded:
        return tuple(demanded.split(","))
    here = {"docker": found, "bwrap": _bwrap, "landlock": lambda: True}
    return tuple(name for name, starts in here.items() if starts())


def _bwrap() -> bool:
    if shutil.which("bwrap") is None:
        return False
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
