"""What --jobs gives where a proposer is slow: wall time with 4 jobs against 1, same decisions."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.mock import VERSIONS, MockFeedback, MockJudge, mock_task
from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.engine.journal import Journal, read
from kernelgepa.engine.loop import run as optimise
from kernelgepa.engine.record import Record
from kernelgepa.engine.select import Rules
from kernelgepa.engine.steps import Parts
from kernelgepa.protocols import Proposal, Request

WORKLOADS = ("a", "b", "c")
SECONDS = 2.0  # that a proposal takes
CANDIDATES = 16
LIMIT = 0.35  # of one job's wall time


class _Slow:
    """Takes its time, as a language model does; the answer depends on the question alone."""

    name, width, crosses = "slow", 4, False

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def ceiling(self, request: Request) -> float | None:
        return None

    def propose(self, request: Request) -> Proposal:
        time.sleep(self._seconds)
        costs = _costs(request.parent.candidate.components)
        name = sorted(costs)[request.number % len(costs)]
        costs[name] *= 0.9 if request.number % 3 else 1.1 + request.number / 100
        return Proposal({"costs": json.dumps(costs)}, self.name)


def _costs(components: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float] = json.loads(components["costs"])
    return found


def run(jobs: int, seconds: float, candidates: int) -> tuple[float, list[Any]]:
    """Wall seconds, and the decisions taken."""
    seed = Candidate({"costs": json.dumps(dict.fromkeys(WORKLOADS, 100.0))})
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        record = Record(journal, VERSIONS)
        evaluator = Evaluator(MockJudge(_costs), None, record.judged)
        rules = Rules(width=_Slow.width)
        parts = Parts(_Slow(seconds), MockFeedback(), evaluator, record, rules)
        begin = time.monotonic()
        task = mock_task(WORKLOADS)
        optimise([(task, seed)], parts, Budget(candidates), Path(folder), jobs)
        wall = time.monotonic() - begin
        return wall, [e["decision"] for e in read(Path(folder)) if e["event"] == "decided"]


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where the limit is broken or decisions differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="that a proposal takes")
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    given = parser.parse_args(arguments)
    print(f"{given.candidates} candidates, a proposal takes {given.seconds:g} s (measured)")
    print(f"{'jobs':>4} {'wall s':>7} {'of one job':>10}  decisions")
    one, wanted = run(1, given.seconds, given.candidates)
    print(f"{1:4} {one:7.2f} {1:10.2f}  {len(wanted)}")
    good = True
    for jobs in (2, 4):
        wall, found = run(jobs, given.seconds, given.candidates)
        same = found == wanted
        good = good and same and (jobs < 4 or wall <= LIMIT * one)
        print(f"{jobs:4} {wall:7.2f} {wall / one:10.2f}  {'the same' if same else 'OTHERS'}")
    print(f"4 jobs: limit {LIMIT:g} of one job: {'within' if good else 'BROKEN'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
