"""kernelgepa: give it a kernel and a budget; it returns the Pareto set of correct, faster kernels.

import kernelgepa
result = kernelgepa.optimize("TASK", budget=20)
verdict = kernelgepa.evaluate("TASK", source)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "evaluate", "optimize"]

if TYPE_CHECKING:
    from kernelgepa.session import evaluate, optimize


def __getattr__(name: str) -> Any:
    if name in ("evaluate", "optimize"):
        from kernelgepa import session  # noqa: PLC0415

        return getattr(session, name)
    raise AttributeError(f"module 'kernelgepa' has no attribute {name!r}")
