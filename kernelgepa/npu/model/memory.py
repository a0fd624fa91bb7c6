"""Accesses of a block, and the order that memory imposes on them."""

from __future__ import annotations

from collections.abc import Iterable

from kernelgepa.npu.ir import Function, Instruction, Module
from kernelgepa.npu.model.address import (
    Access,
    Addresses,
    Linear,
    distances,
    may_alias,
    pointer_of,
    root_of,
)
from kernelgepa.npu.model.node import Node

_HEADERS = "@_ZN3aie6detailL"  # the headers' own variables stand for mode registers


class Memory:
    """Gathers the accesses of one block while it is selected."""

    def __init__(self, module: Module, function: Function, addresses: Addresses) -> None:
        self._addresses = addresses
        self._objects = _objects(module, function)
        self._tables = {f"@{n}" for n, rest in module.globals.items() if " constant " in f" {rest}"}
        self._made: list[tuple[float, int, Access]] = []  # place in the block, node, access

    def add(
        self, place: float, nodes: Iterable[int], made: Instruction, size: int, margin: int = 0
    ) -> None:
        """Notes that `nodes` are the load or store `made`, which stands at `place`; `margin` bytes
        on both sides may be touched too."""
        form = self._addresses.of(pointer_of(made.text)).plus(Linear(constant=-margin))
        root = root_of(form, self._objects)
        store = made.opcode == "store"
        bytes_ = size + 2 * margin
        access = Access(store, form, bytes_, root, made.scopes, made.noalias, root in self._tables)
        self._made += [(place, node, access) for node in nodes]

    def touch(self, place: int, nodes: Iterable[int], store: bool = True) -> None:
        """Notes that `nodes` may read anything, and with `store` write it."""
        anything = Access(store, Linear((("?", 1),)), 1, "?", frozenset(), frozenset())
        self._made += [(place, node, anything) for node in nodes]

    def order(self, nodes: list[Node], looping: bool) -> None:
        """Adds the edges between accesses that may touch the same bytes."""
        ordered = sorted(self._made, key=lambda access: access[:2])
        for k, (here, i, a) in enumerate(ordered):
            for there, j, b in ordered[k + 1 :]:
                if here == there or not (a.store or b.store):
                    continue
                if may_alias(a, b, self._objects):
                    _edges(nodes, (i, a), (j, b), looping)


def of_headers(made: Instruction) -> bool:
    """Whether this load or store is of a mode register, which costs nothing."""
    return pointer_of(made.text).startswith(_HEADERS)


def _edges(
    nodes: list[Node], first: tuple[int, Access], second: tuple[int, Access], looping: bool
) -> None:
    """Edges between two accesses in program order, in this and in later iterations."""
    (i, a), (j, b) = first, second
    forward, backward = distances(a, b), distances(b, a)
    ahead = [0] if forward is None else forward[:1]
    for distance in ahead:
        if distance == 0 or looping:
            nodes[j].preds.append((i, nodes[i].op.memory_latency_to(nodes[j].op), distance))
    if not looping:
        return
    behind = [1] if backward is None else [d for d in backward if d >= 1][:1]
    for distance in behind:
        nodes[i].preds.append((j, nodes[j].op.memory_latency_to(nodes[i].op), distance))


def _objects(module: Module, function: Function) -> dict[str, bool]:
    """Objects pointers may lie in; True where distinct from every other.

    A `noalias` parameter is not: its promise is only checked at run time where the compiler has
    turned it into scopes on loads and stores.
    """
    found = dict.fromkeys(function.parameters, False)
    found |= {f"@{name}": True for name in module.globals}
    return found | dict.fromkeys(function.frames, True)
