"""Which sandboxes the tests try."""

from __future__ import annotations

import os
from functools import cache

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.walled import WalledSandbox
from tests.sandbox.engine import found


@cache
def startable() -> tuple[str, ...]:
    """Those that KERNELGEPA_SANDBOXES demands, else those that start; never `none`."""
    demanded = [n for n in os.environ.get("KERNELGEPA_SANDBOXES", "").split(",") if n]
    here = (name for name in backends() if name != "none")
    return tuple(demanded or filter(_starts, here))


def on_this_system() -> list[str]:
    """Those of them that need no container, in which a job sees the machine's own devices."""
    return [name for name in startable() if name != "docker"]


def _starts(name: str) -> bool:
    if name == "docker":
        return found()
    try:
        with WalledSandbox(backends()[name]()) as sandbox:
            return sandbox.run(SandboxJob(("/bin/true",))).status == "ok"
    except InfrastructureError:
        return False
