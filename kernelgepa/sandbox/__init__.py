"""Where untrusted code runs: one Protocol, several walls."""

from kernelgepa.sandbox.choose import Choice, backends, open_sandbox

__all__ = ["Choice", "backends", "open_sandbox"]
