"""What selection makes of a block: machine operations, their dependences, what stays outside."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.model.costs import MachineOp
from kernelgepa.npu.model.parts import Parts, whole


@dataclass
class Node:
    """One machine operation of the block. Edges: (predecessor, latency, distance)."""

    op: MachineOp
    origin: Instruction
    live_vector: bool
    preds: list[tuple[int, int, int]] = field(default_factory=list)
    bits: int = 0  # of its result, for register pressure


@dataclass
class Selected:
    """The block's operations, and what cannot be scheduled among them."""

    nodes: list[Node] = field(default_factory=list)
    library: dict[str, int] = field(default_factory=dict)
    library_cycles: int = 0
    calls: list[int] = field(default_factory=list)  # nodes that stand for library calls
    tests: list[int] = field(default_factory=list)  # nodes the jump of a switch waits for
    jumps: int = 1  # conditional jumps at the block's end
    copies: int = 0  # block copies whose size is known only when they run
    parts: dict[str, Parts] = field(default_factory=dict)
    """IR value -> the nodes that produce it, by 256 bits"""
    subword_stores: int = 0
    loaded: int = 0
    stored: int = 0
    macs: int = 0
    peak: int = 1
    inductions: frozenset[str] = frozenset()
    loop_edges: list[tuple[str, str]] = field(default_factory=list)
    """(phi, value it takes from the iteration before)"""

    def makers(self, *names: str) -> tuple[int, ...]:
        """The nodes that produce these values, each once."""
        return tuple(dict.fromkeys(n for name in names for n in whole(self.parts.get(name, ()))))
