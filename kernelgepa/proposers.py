"""Proposers by name."""

from __future__ import annotations

from kernelgepa.errors import InputError
from kernelgepa.protocols import Proposer
from kernelgepa.runs.settings import Settings

NAMES = ("playbook", "llm")


def make(settings: Settings) -> Proposer:
    """The proposer that the settings name. Raises InputError."""
    if settings.proposer == "playbook":
        from kernelgepa.playbook import Playbook  # noqa: PLC0415

        return Playbook()
    raise InputError(
        f"unknown proposer {settings.proposer!r}; expected one of: {', '.join(NAMES)}, or an "
        "object with the methods of kernelgepa.protocols.Proposer"
    )
