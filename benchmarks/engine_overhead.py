"""What an engine costs beside the work: CPU and bytes written per accepted iteration.

Ours and the package `gepa` (0.1.4) in one process, on the same mock work: candidates of 4 KiB,
scores drawn per candidate, so that nearly everything accepted is on the front. Both keep what they
need to go on after a crash. Ours grows its pool from nothing; gepa goes on from a saved state of
the pool's size, since growing one would take it half an hour.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.mock import VERSIONS, MockFeedback, MockJudge, mock_task
from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.engine.journal import Journal
from kernelgepa.engine.loop import run
from kernelgepa.engine.record import Record
from kernelgepa.engine.result import Step
from kernelgepa.engine.select import Rules
from kernelgepa.engine.steps import Parts
from kernelgepa.protocols import Proposal, Request
from kernelgepa.runs.folder import Files

POOLS = (100, 200, 500, 1000)
INSTANCES = (10, 100, 300)
ITERATIONS = 12  # measured at each pool size
LIMIT_MS, LIMIT_KIB, LIMIT_GROWTH = 5.0, 64.0, 1.3
TEXT = 4096


def text(number: int) -> str:
    """A candidate's text."""
    return f"{number:08}" + "x" * (TEXT - 8)


def scores(candidate: str, count: int) -> list[float]:
    """Higher is better."""
    drawn: list[float] = (np.random.default_rng(int(candidate[:8])).random(count) + 0.5).tolist()
    return drawn


def written() -> int:
    """Bytes this process has handed to write() so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])


@dataclass(frozen=True)
class Cost:
    """Per accepted iteration, medians over those measured."""

    ms: float
    kib: float


class Meter:
    """Told after every iteration; sorts the accepted ones by the size of the pool."""

    def __init__(self) -> None:
        self._at = (0.0, 0)
        self._found: dict[int, list[tuple[float, int]]] = {}
        self.mark()

    def mark(self) -> None:
        self._at = (time.process_time(), written())

    def took(self, pool: int) -> None:
        cpu, count = time.process_time(), written()
        self._found.setdefault(pool, []).append((cpu - self._at[0], count - self._at[1]))
        self.mark()

    def at(self, pool: int) -> Cost:
        """Around a size of the pool."""
        near = [x for p, found in self._found.items() if abs(p - pool) <= ITERATIONS for x in found]
        ms = statistics.median(1e3 * cpu for cpu, _ in near)
        return Cost(ms, statistics.median(count for _, count in near) / 1024)


class _Accepted:
    """Proposes texts that are all accepted and never crossed."""

    name, width, crosses = "mock", 1, False

    def ceiling(self, request: Request) -> float | None:
        return None

    def propose(self, request: Request) -> Proposal:
        return Proposal({"text": text(request.number)}, self.name)


def ours(instances: int, pools: Sequence[int]) -> dict[int, Cost]:
    """A run grown from nothing, with its journal and its files, measured at these pool sizes."""
    names = tuple(f"w{i}" for i in range(instances))

    def costs(components: Mapping[str, str]) -> dict[str, float]:
        drawn = scores(components["text"], instances)
        return {name: 1.0 / score for name, score in zip(names, drawn, strict=True)}

    task, meter, pool = mock_task(names), Meter(), 1
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        files = Files(Path(folder), {task.name: "none"})

        def watch(step: Step) -> None:
            nonlocal pool
            files.step(step)
            if step.attempt and step.attempt.accepted:
                pool += 1
                meter.took(pool)
            else:
                meter.mark()

        record = Record(journal, VERSIONS)
        evaluator = Evaluator(MockJudge(costs), None, record.judged)
        parts = Parts(_Accepted(), MockFeedback(), evaluator, record, Rules())
        budget = Budget(int(1.3 * max(pools)) + ITERATIONS)
        run([(task, Candidate({"text": text(0)}))], parts, budget, Path(folder), watch=watch)
    return {p: meter.at(p) for p in pools}


def theirs(instances: int, pool: int) -> Cost:
    import gepa  # noqa: PLC0415
    from gepa.core.adapter import EvaluationBatch  # noqa: PLC0415
    from gepa.core.state import GEPAState, ValsetEvaluation  # noqa: PLC0415

    def evaluated(number: int) -> Any:
        drawn = scores(text(number), instances)
        return ValsetEvaluation(dict(enumerate(drawn)), dict(enumerate(drawn)))

    class Adapter:
        propose_new_texts = None

        def evaluate(
            self, batch: list[int], candidate: dict[str, str], capture_traces: bool = False
        ) -> Any:
            drawn = scores(candidate["text"], instances)
            found = [drawn[i] for i in batch]
            return EvaluationBatch(outputs=found, scores=found, trajectories=found)

        def make_reflective_dataset(self, candidate: Any, batch: Any, components: list[str]) -> Any:
            return {name: [{"Feedback": "better, please"}] for name in components}

    state: Any = GEPAState({"text": text(0)}, evaluated(0))
    state.total_num_evals, state.num_full_ds_evals = 0, 1
    for number in range(1, pool):
        state.update_state_with_new_program([0], {"text": text(number)}, evaluated(number), None, 0)
    state.i = pool - 1
    meter, seen, number = Meter(), pool, pool

    def proposed(candidate: Any, dataset: Any, components: list[str]) -> dict[str, str]:
        nonlocal number
        number += 1
        return {"text": text(number)}

    def stop(now: Any) -> bool:
        nonlocal seen
        if len(now.program_candidates) > seen:
            seen = len(now.program_candidates)
            meter.took(pool)
        meter.mark()
        return seen >= pool + ITERATIONS

    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        state.save(folder)
        gepa.optimize(
            {"text": text(0)}, list(range(instances)), list(range(instances)), Adapter(),
            custom_candidate_proposer=proposed, reflection_minibatch_size=3, run_dir=folder,
            stop_callbacks=stop, skip_perfect_score=False, track_best_outputs=False,
            logger=_Silent(),
        )  # fmt: skip
    return meter.at(pool)


class _Silent:
    def log(self, message: str) -> None:
        return


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where a limit is broken at the largest pool."""
    print(
        "engine overhead per accepted iteration (CPU measured, bytes counted): ours and gepa 0.1.4"
    )
    print(f"{'instances':>9} {'pool':>5} {'ours ms':>8} {'gepa ms':>8} {'ratio':>6} "
          f"{'ours KiB':>9} {'gepa KiB':>9} {'ratio':>7}")  # fmt: skip
    good = True
    for instances in INSTANCES:
        mine = ours(instances, POOLS)
        for pool in POOLS:
            peer = theirs(instances, pool)
            my = mine[pool]
            print(
                f"{instances:9} {pool:5} {my.ms:8.2f} {peer.ms:8.1f} {peer.ms / my.ms:5.0f}x "
                f"{my.kib:9.1f} {peer.kib:9.0f} {peer.kib / my.kib:6.0f}x",
                flush=True,
            )
        last, growth = mine[POOLS[-1]], mine[POOLS[-1]].ms / mine[POOLS[0]].ms
        good = good and last.ms < LIMIT_MS and last.kib < LIMIT_KIB
        if instances == INSTANCES[-1]:
            good = good and growth <= LIMIT_GROWTH
            print(
                f"ours at {POOLS[-1]} x {instances}: {last.ms:.2f} ms (limit {LIMIT_MS:g}), "
                f"{last.kib:.1f} KiB (limit {LIMIT_KIB:g}), {growth:.2f} times pool {POOLS[0]} "
                f"(limit {LIMIT_GROWTH:g}): {'within' if good else 'BROKEN'}"
            )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
