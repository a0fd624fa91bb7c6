"""A run that can be killed: `python -m engine.killed FOLDER JOBS URL`, from tests/.

Says "begun" when the run is about to begin and prints what it found, as JSON, at its end.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import urllib.request
from pathlib import Path

from engine.world import Wanderer, candidate, optimise, task
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.result import Result
from kernelgepa.protocols import Proposal, Request, Usage

SEED = {"a": 100.0, "b": 100.0, "c": 100.0, "d": 100.0}
TASKS = [(task(n, tuple(SEED)), candidate(SEED, salt=n)) for n in ("one", "two")]
CANDIDATES = 40


class Asker(Wanderer):
    """Asks a server, and lets its answer decide."""

    url = ""

    def propose(self, request: Request) -> Proposal:
        said = [request.parent.candidate.id, request.component, request.feedback,
                request.asked_before, [dataclasses.asdict(x) for x in request.lessons]]  # fmt: skip
        call = urllib.request.Request(self.url, json.dumps(said).encode())
        with urllib.request.urlopen(call) as reply:
            found = json.load(reply)
        made = super().propose(dataclasses.replace(request, feedback=found["answer"]))
        usage = Usage(1, len(said), 7, found["usd"])
        return dataclasses.replace(made, usage=usage, answer=found["answer"])


def found_by(result: Result) -> dict[str, object]:
    """What must be the same however often a run was interrupted."""
    spend = dataclasses.asdict(result.spend)
    lost = spend.pop("lost"), spend.pop("lost_usd")
    return {
        "front": {n: [a.candidate.id for a in t.front] for n, t in result.tasks.items()},
        "attempts": {n: [a.candidate.id for a in t.attempts] for n, t in result.tasks.items()},
        "spend": spend,
        "stopped": result.stopped,
        "lost": lost,
    }


def main(folder: str, jobs: str, url: str) -> None:
    asker = Asker(width=4, price=0.016)
    asker.url = url
    print("begun", flush=True)
    found = optimise(Path(folder), TASKS, asker, Budget(CANDIDATES, usd=5.0), jobs=int(jobs))
    print(json.dumps(found_by(found)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
