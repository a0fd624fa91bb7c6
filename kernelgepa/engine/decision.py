"""What a step will do, and what came of it: the two values a run is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kernelgepa.candidate import Candidate
from kernelgepa.protocols import Proposal
from kernelgepa.verdict import Verdict

Kind = Literal["mutate", "crossover", "merge"]


@dataclass(frozen=True)
class Decision:
    """Made from the state and the run's seed alone; written down before anything is paid for."""

    number: int  # of the step, from 1
    task: str
    kind: Kind
    parents: tuple[str, ...]  # candidate ids; the component of the first is rewritten
    component: str  # "" where components are merged
    minibatch: tuple[str, ...]
    folded: int  # outcomes the state held when this was decided
    ceiling: float | None = None  # dollars reserved; None where no model is called
    request: str = ""  # hash of what the proposer was given
    asked_before: int = 0
    # Of a merge: from which parent each component is taken.
    sides: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`candidate` is None where the proposal failed or was seen before."""

    decision: Decision
    proposal: Proposal
    candidate: Candidate | None = None
    verdict: Verdict | None = None  # on the minibatch only where the gate refused it
    passed: bool = False  # the gate on the minibatch
    rollouts: int = 0  # workloads judged
