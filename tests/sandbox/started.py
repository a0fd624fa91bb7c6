"""Which sandboxes the tests try."""

from __future__ import annotations

import os

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.walled import WalledSandbox
from tests.sandbox.engine import found


def startable() -> list[str]:
    """Those that KERNELGEPA_SANDBOXES demands, else those that start; never `none`."""
    demanded = [n for n in os.environ.get("KERNELGEPA_SANDBOXES", "").split(",") if n]
    return demanded or [name for name in backends() if name != "none" and _starts(name)]


def _starts(name: str) -> bool:
    if name == "docker":
        return found()
    try:
        with WalledSandbox(backends()[name]()) as sandbox:
            return sandbox.run(SandboxJob(("/bin/true",))).status == "ok"
    except InfrastructureError:
        return False
