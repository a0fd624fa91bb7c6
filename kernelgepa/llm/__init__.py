"""A language model as the proposer: prompts, calls, dollars, and reading what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernelgepa.llm.proposer import Estimate, Llm

__all__ = ["Estimate", "Llm"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kernelgepa.llm import proposer  # noqa: PLC0415

        return getattr(proposer, name)
    raise AttributeError(f"module 'kernelgepa.llm' has no attribute {name!r}")
