"""Loops of a function: natural loops, by dominators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernelgepa.npu.ir import Block, Function


@dataclass(frozen=True)
class Loop:
    """A loop of several blocks, by their indices."""

    head: int
    latches: tuple[int, ...]  # blocks that jump back to the head
    body: frozenset[int]
    before: tuple[int, ...]  # blocks outside that jump to the head
    depth: int  # 0: in no other loop


def natural_loops(function: Function) -> tuple[Loop, ...]:
    """Loops of more than one block; jumps to the same head make one loop."""
    blocks = function.blocks
    index = {b.label: b.index for b in blocks}
    after = [[index[s] for s in b.successors if s in index] for b in blocks]
    before: list[list[int]] = [[] for _ in blocks]
    for source, targets in enumerate(after):
        for target in targets:
            before[target].append(source)
    order = _postorder(after)
    immediate = _dominators(order, before)
    found: dict[int, tuple[set[int], list[int]]] = {}
    for latch in sorted(immediate):
        for head in after[latch]:
            if head != latch and _dominates(immediate, head, latch):
                body, latches = found.setdefault(head, ({head}, []))
                latches.append(latch)
                _grow(body, latch, before)
    return tuple(
        Loop(
            head,
            tuple(latches),
            frozenset(body),
            tuple(b for b in dict.fromkeys(before[head]) if b not in body),
            sum(1 for other, (wider, _) in found.items() if other != head and head in wider),
        )
        for head, (body, latches) in sorted(found.items())
    )


def entries(loop: Loop, blocks: tuple[Block, ...], counts: Mapping[int, int]) -> int:
    """Times the loop was entered, from how often each block ran.

    Exact where what stands before the head goes nowhere else, or the latches do; where neither
    holds, an upper bound.
    """
    trips = counts.get(loop.head, 0)
    if all(len(blocks[b].successors) == 1 for b in loop.latches):
        return trips - sum(counts.get(b, 0) for b in loop.latches)
    return min(trips, sum(counts.get(b, 0) for b in loop.before))


def _grow(body: set[int], latch: int, before: list[list[int]]) -> None:
    todo = [latch]
    while todo:
        at = todo.pop()
        if at not in body:
            body.add(at)
            todo += before[at]


def _postorder(after: list[list[int]]) -> list[int]:
    """Blocks that can be reached, each after all that it leads to (but for jumps back)."""
    seen, order = {0}, list[int]()
    stack = [(0, iter(after[0]))] if after else []
    while stack:
        at, targets = stack[-1]
        for target in targets:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(after[target])))
                break
        else:
            order.append(at)
            stack.pop()
    return order


def _dominators(order: list[int], before: list[list[int]]) -> dict[int, int]:
    """Immediate dominator of each block that can be reached; the entry's is itself."""
    rank = {block: n for n, block in enumerate(order)}
    immediate = {0: 0} if order else {}
    changed = True
    while changed:
        changed = False
        for block in reversed(order):
            known = [b for b in before[block] if b in immediate]
            if block == 0 or not known:
                continue
            new = known[0]
            for other in known[1:]:
                while new != other:
                    while rank[new] < rank[other]:
                        new = immediate[new]
                    while rank[other] < rank[new]:
                        other = immediate[other]  # noqa: PLW2901
            if immediate.get(block) != new:
                immediate[block], changed = new, True
    return immediate


def _dominates(immediate: Mapping[int, int], one: int, other: int) -> bool:
    while other not in (one, 0):
        other = immediate[other]
    return other == one
