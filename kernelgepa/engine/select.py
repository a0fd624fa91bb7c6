"""The next decision: which task, which parents, which component, which minibatch.

A function of the state and the run's seed. Every step draws from a generator of its own, so that
there is no state of a generator to be kept.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from kernelgepa.engine.decision import Decision, Kind
from kernelgepa.engine.gate import Gate
from kernelgepa.engine.merge import MERGES, find_merge
from kernelgepa.engine.minibatch import minibatch
from kernelgepa.engine.state import State, TaskState

RECENT = 4  # outcomes of a task that its recent gain is taken over


@dataclass(frozen=True)
class Rules:
    """How a run decides. All of it is in the journal."""

    seed: int = 0
    minibatch: int = 3
    gate: Gate = "any"
    minimum: int = 1  # proposals each task gets before recent gains decide
    width: int = 1  # proposals of one task that are made from one state
    together: int = 16  # proposals of all tasks that are under way at once, at most
    ties: float = 0.0  # relative difference of costs that means nothing
    crossover: float = 0.2  # share of steps that combine two parents, where two can be combined
    merges: int = MERGES


def decide(state: State, rules: Rules, crosses: bool) -> Decision | None:
    """The next step, or None while nothing can be decided before an open step is folded."""
    if len(state.open) >= rules.together:
        return None
    number = state.decided + 1
    rng = random.Random(f"{rules.seed}/step {number}")
    for mine in _turns(state, rules):
        found = _merge(mine, rules, rng) or _cross(mine, rules, rng, crosses) or _mutate(mine, rng)
        if found is not None:
            return _decision(state, rules, mine, number, found)
        if mine.open == 0:
            mine.closed = "every parent on the front is exhausted"
    return None


_Found = tuple[Kind, tuple[str, ...], str, tuple[tuple[str, str], ...]]


def _decision(state: State, rules: Rules, mine: TaskState, number: int, found: _Found) -> Decision:
    kind, parents, component, sides = found
    names = minibatch(
        mine.feedback, rules.minibatch, mine.decided, f"{rules.seed}/{mine.task.name}"
    )
    return Decision(
        number, mine.task.name, kind, parents, component, names, state.folded, sides=sides
    )


def _turns(state: State, rules: Rules) -> list[TaskState]:
    """Those below the minimum in turn, then the third with most recent gain; if they are free."""
    alive = [t for t in state.tasks.values() if not t.closed]
    below = [t for t in alive if t.decided < rules.minimum]
    if below:
        wanted = sorted(below, key=lambda t: t.decided)
    else:
        wanted = sorted(alive, key=lambda t: (-recent_gain(t), t.decided))
        wanted = wanted[: math.ceil(len(alive) / 3)]
    return [t for t in wanted if t.open < rules.width]


def recent_gain(mine: TaskState) -> float:
    """What the archive has progressed over the latest outcomes, per outcome."""
    gains = [mine.begun, *mine.gains[-RECENT - 1 :]]
    before = gains[max(0, len(gains) - 1 - RECENT)]
    return (gains[-1] - before) / RECENT


def _merge(mine: TaskState, rules: Rules, rng: random.Random) -> _Found | None:
    if len(mine.seed.candidate.components) < 2 or mine.merges_due < 1:
        return None
    if len(mine.merged) >= rules.merges:
        return None
    found = find_merge(
        mine.archive.front(), mine.known, mine.archive.ranks(), frozenset(mine.merged), rng
    )
    return None if found is None else ("merge", found.parents, "", found.sides)


def _cross(mine: TaskState, rules: Rules, rng: random.Random, crosses: bool) -> _Found | None:
    """Two of the front, each leading where the other does not."""
    if not crosses or len(mine.seed.candidate.components) > 1 or rng.random() >= rules.crossover:
        return None
    first = mine.archive.pick(rng)
    if first is None:
        return None
    name = first.candidate.id
    tried = {other for pair in mine.crossed if name in pair for other in pair}
    second = mine.archive.pick_partner(name, rng, tried)
    if second is None:
        return None
    parents = (name, second.candidate.id)
    return "crossover", parents, next(iter(mine.seed.candidate.components)), ()


def _mutate(mine: TaskState, rng: random.Random) -> _Found | None:
    """A parent in proportion to the workloads it leads; its components take turns."""
    parent = mine.archive.pick(rng, mine.exhausted)
    if parent is None:
        return None
    names = sorted(parent.candidate.components)
    turn = mine.next_component.get(parent.candidate.id, 0) % len(names)
    return "mutate", (parent.candidate.id,), names[turn], ()
