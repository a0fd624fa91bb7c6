"""What --jobs gives where a proposer is slow: wall time with 4 jobs against 1, same decisions."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SECONDS = 2.0  # that a proposal takes
CANDIDATES = 16
LIMIT = 0.35  # of one job's wall time


def run(jobs: int) -> tuple[float, list[Any]]:
    """Wall seconds, and the decisions taken."""
    from kernelgepa.candidate import Candidate  # noqa: PLC0415
    from kernelgepa.engine.budget import Budget  # noqa: PLC0415
    from kernelgepa.engine.evaluator import Evaluator  # noqa: PLC0415
    from kernelgepa.engine.journal import Journal, read  # noqa: PLC0415
    from kernelgepa.engine.loop import run as optimise  # noqa: PLC0415
    from kernelgepa.engine.record import Record  # noqa: PLC0415
    from kernelgepa.engine.select import Rules  # noqa: PLC0415
    from kernelgepa.engine.steps import Parts  # noqa: PLC0415
    from kernelgepa.protocols import Attempt, Proposal, Request  # noqa: PLC0415
    from kernelgepa.task import Interface, Task, Workload  # noqa: PLC0415
    from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict  # noqa: PLC0415

    class Judge:
        policy = "strict"

        def versions(self) -> dict[str, str]:
            return {}

        def fingerprint(self) -> str:
            return ""

        def judge(
            self, task: Task, candidate: Candidate, workloads: Sequence[str] | None = None
        ) -> Verdict:
            costs = json.loads(candidate.components["costs"])
            found = tuple(
                WorkloadVerdict(n, Stage.CORRECT, 1.0, cost=Quantity(c, "s", "measured"))
                for n, c in costs.items()
                if workloads is None or n in workloads
            )
            return Verdict(candidate.id, task.name, found)

        def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
            return self.judge(task, candidate)

    class Slow:
        name, width, crosses = "slow", 4, False

        def ceiling(self, request: Request) -> float | None:
            return None

        def propose(self, request: Request) -> Proposal:
            time.sleep(SECONDS)
            costs = json.loads(request.parent.candidate.components["costs"])
            name = sorted(costs)[request.number % len(costs)]
            costs[name] *= 0.9 if request.number % 3 else 1.1 + request.number / 100
            return Proposal({"costs": json.dumps(costs)}, self.name)

    class Feedback:
        def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str:
            return ""

    class NoReference:
        def inputs(self, workload: Workload, rng: Any, kind: Any) -> None:
            return None

        def outputs(self, workload: Workload, inputs: Any) -> dict[str, Any]:
            return {}

    names = ("a", "b", "c")
    workloads = tuple(Workload(n, {}) for n in names)
    task = Task("mock", "none", Interface("f", ()), workloads, NoReference(), {})
    seed = Candidate({"costs": json.dumps(dict.fromkeys(names, 100.0))})
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        record = Record(journal, {})
        rules = Rules(width=Slow.width)
        parts = Parts(Slow(), Feedback(), Evaluator(Judge(), None, record.judged), record, rules)
        begin = time.monotonic()
        optimise([(task, seed)], parts, Budget(CANDIDATES), Path(folder), jobs)
        seconds = time.monotonic() - begin
        return seconds, [e["decision"] for e in read(Path(folder)) if e["event"] == "decided"]


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where the limit is broken or decisions differ."""
    print(f"{CANDIDATES} candidates from a proposer that takes {SECONDS:g} s (measured)")
    print(f"{'jobs':>4} {'wall s':>7} {'of one job':>10}  decisions")
    one, wanted = run(1)
    print(f"{1:4} {one:7.2f} {1:10.2f}  {len(wanted)}")
    good = True
    for jobs in (2, 4):
        seconds, found = run(jobs)
        same = found == wanted
        good = good and same and (jobs < 4 or seconds <= LIMIT * one)
        print(f"{jobs:4} {seconds:7.2f} {seconds / one:10.2f}  {'the same' if same else 'OTHERS'}")
    print(f"4 jobs: limit {LIMIT:g} of one job: {'within' if good else 'BROKEN'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
