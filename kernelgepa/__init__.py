"""kernelgepa: give it a kernel and a budget; it returns the Pareto set of correct, faster kernels.

import kernelgepa
result = kernelgepa.optimize("TASK")
verdict = kernelgepa.evaluate("TASK", source)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Result", "__version__", "evaluate", "optimize", "resume", "verify"]

if TYPE_CHECKING:
    from kernelgepa.api import Result, evaluate, optimize, resume, verify


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kernelgepa import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module 'kernelgepa' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
