"""System-aware merge (GEPA, algorithm 4): per component, the side that changed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernelgepa.candidate import Candidate
from kernelgepa.protocols import Attempt

MERGES = 5  # the paper's limit per run
PAIRS = 200  # of the front looked at in one step


@dataclass(frozen=True)
class Merge:
    """Two parents, and from which of them each component is taken."""

    parents: tuple[str, str]
    sides: tuple[tuple[str, str], ...]  # component -> candidate id, in the order of names

    def components(self, known: Mapping[str, Candidate]) -> dict[str, str]:
        return {name: known[side].components[name] for name, side in self.sides}


def find_merge(
    front: Sequence[Attempt],
    known: Mapping[str, Candidate],
    value: Mapping[str, tuple[int, float, float]],
    tried: frozenset[tuple[str, str]],
    rng: random.Random,
) -> Merge | None:
    """A pair of the front that can be merged, in an order drawn from `rng`.

    Neither descends from the other; a common ancestor is no better than either; each side has
    changed a component that the other has left alone, or both the same one. `value` ranks a
    candidate, higher is better. `tried` holds pairs, and content of merges made, already.
    """
    ids = [a.candidate.id for a in front]
    for one, two in _pairs(ids, rng):
        if (min(one, two), max(one, two)) in tried:
            continue
        made = _merged(one, two, known, value)
        if made is not None:
            return made
    return None


def _pairs(ids: Sequence[str], rng: random.Random) -> list[tuple[str, str]]:
    """Pairs in random order; of a large front, some."""
    if len(ids) * (len(ids) - 1) // 2 > PAIRS:
        return [(one, two) for one, two in (rng.sample(ids, 2) for _ in range(PAIRS))]
    pairs = [(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]]
    rng.shuffle(pairs)
    return pairs


def ancestors(start: str, known: Mapping[str, Candidate]) -> list[str]:
    """All ancestors, nearest first."""
    found: list[str] = []
    queue = list(known[start].parents)
    for name in queue:
        if name in found or name not in known:
            continue
        found.append(name)
        queue.extend(known[name].parents)
    return found


def _merged(
    one: str,
    two: str,
    known: Mapping[str, Candidate],
    value: Mapping[str, tuple[int, float, float]],
) -> Merge | None:
    mine, theirs = ancestors(one, known), ancestors(two, known)
    if one in theirs or two in mine:
        return None
    for shared in (a for a in mine if a in theirs):
        if value[shared] > min(value[one], value[two]):
            continue
        sides = _sides(one, two, shared, known, value)
        taken = {side for _, side in sides}
        if taken == {one, two} and _new(sides, known):
            return Merge((one, two), sides)
    return None


def _sides(
    one: str,
    two: str,
    shared: str,
    known: Mapping[str, Candidate],
    value: Mapping[str, tuple[int, float, float]],
) -> tuple[tuple[str, str], ...]:
    """Where one side only has changed, that one; where both have, the better candidate's."""
    better = one if value[one] >= value[two] else two
    made = []
    for name, base in known[shared].components.items():
        left, right = known[one].components[name], known[two].components[name]
        if left == right:
            side = better
        elif left == base:
            side = two
        elif right == base:
            side = one
        else:
            side = better
        made.append((name, side))
    return tuple(made)


def _new(sides: Sequence[tuple[str, str]], known: Mapping[str, Candidate]) -> bool:
    """Whether nobody has had exactly these components yet."""
    made = Candidate({name: known[side].components[name] for name, side in sides})
    return made.id not in known
