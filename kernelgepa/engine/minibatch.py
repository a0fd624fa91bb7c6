"""Which workloads a proposal is tried on first."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import lru_cache


def minibatch(workloads: Sequence[str], size: int, drawn: int, seed: str) -> tuple[str, ...]:
    """The `drawn`-th minibatch: epochs of all workloads, each in an order of its own.

    A function of its arguments alone. In the order of `workloads`, without repetition; all of them
    where there are no more than `size`.
    """
    if len(workloads) <= size:
        return tuple(workloads)
    picked: set[str] = set()
    at = drawn * size
    while len(picked) < size:
        epoch, place = divmod(at, len(workloads))
        picked.add(_order(tuple(workloads), f"{seed}/epoch {epoch}")[place])
        at += 1
    return tuple(w for w in workloads if w in picked)


@lru_cache(maxsize=256)
def _order(workloads: tuple[str, ...], seed: str) -> tuple[str, ...]:
    order = list(workloads)
    random.Random(seed).shuffle(order)
    return tuple(order)
