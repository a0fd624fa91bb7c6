"""Attacks on a sandbox: what untrusted code might try, and whether it gets through.

Works with every `Sandbox`. `ATTACKS` is the table, `attack` runs it.
"""

from __future__ import annotations

from kernelgepa.sandbox.attacks import files, kernel, network, processes, resources, results
from kernelgepa.sandbox.attacks.model import PROMISES, Attack, Promise
from kernelgepa.sandbox.attacks.runner import AttackResult, Field, attack, read_strictly

ATTACKS: tuple[Attack, ...] = (
    *files.ATTACKS,
    *network.ATTACKS,
    *processes.ATTACKS,
    *resources.ATTACKS,
    *kernel.ATTACKS,
    *results.ATTACKS,
)

__all__ = [
    "ATTACKS",
    "PROMISES",
    "Attack",
    "AttackResult",
    "Field",
    "Promise",
    "attack",
    "read_strictly",
]
