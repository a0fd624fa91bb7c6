"""Which kernels a forward falls into."""

from __future__ import annotations

from dataclasses import dataclass

from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.playbook.modules.regions import Region, regions
from kernelgepa.playbook.modules.translate import Program, translate

_ROUNDS = 8


@dataclass(frozen=True)
class Fused:
    """A program and its kernels, in order."""

    program: Program
    kernels: tuple[Region, ...]


def fuse(graph: Graph, largest: bool = False) -> Fused:
    """The kernels of a forward; with `largest` the one of the most operations only.

    Raises Unsupported with the reason where there are none.
    """
    leave: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        program = translate(graph, leave)
        found, wrong = regions(program)
        if not wrong:
            break
        leave |= wrong
    else:
        raise Unsupported("its operations do not fall into kernels")
    if not found:
        raise Unsupported("no operation of its forward is one that kernels are generated for")
    if largest and len(found) > 1:
        best = max(found, key=lambda r: len(r.members))
        others = {program.values[m].node for r in found if r is not best for m in r.members}
        shared = others & {program.values[m].node for m in best.members}
        program = translate(graph, leave | frozenset(others - shared))
        found, wrong = regions(program)
        if wrong or len(found) != 1:
            raise Unsupported("its largest kernel cannot be taken alone")
    return Fused(program, tuple(found))
