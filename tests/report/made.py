"""Runs for the report: the real engine on a world of texts that only look like kernels.

A candidate's verdict follows from its text: what it declares makes it fast, a hash of it decides
whether it compiles. So a run of a thousand candidates takes seconds.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.journal import Journal
from kernelgepa.engine.select import Rules
from kernelgepa.judge.secret import Secret
from kernelgepa.protocols import Proposal, Request, Usage
from kernelgepa.runs import start as starts
from kernelgepa.runs.machine import machine
from kernelgepa.runs.settings import Model, Settings
from kernelgepa.runs.view import RunView, view
from kernelgepa.task import Task
from kernelgepa.verdict import (
    Diagnostic,
    LoopProfile,
    Mismatch,
    Profile,
    Quantity,
    Stage,
    Verdict,
    WorkloadVerdict,
)
from tests.engine.world import optimise, task

WORKLOADS = ("n256", "n1024", "n4096")

SOURCE = """/*
Adds two vectors and clamps the sum.
*/
#include <aie_api/aie.hpp>

// width 1
// unroll 1
// accumulators 1
void kernel(int8_t *a, int8_t *b, int8_t *out, int32_t n) {
    int32_t total = 0;
    for (int32_t i = 0; i < n; i += 1) {
        int32_t sum = a[i] + b[i];
        if (sum > 127) sum = 127;
        if (sum < -128) sum = -128;
        out[i] = (int8_t)sum;
        total += sum;
    }
    out[n - 1] ^= (int8_t)(total & 1);
}
"""

EDITS = (
    ("width", (8, 16, 32, 64), "use vectors of {} elements instead of {}"),
    ("unroll", (2, 4, 8), "unroll the vector loop {} times instead of {}"),
    ("accumulators", (2, 4), "keep {} accumulators instead of {}, which breaks the recurrence"),
)


def feature(text: str, name: str) -> int:
    found = re.search(rf"// {name} (\d+)", text)
    return int(found[1]) if found else 1


@dataclass
class Editor:
    """Changes one thing by a hash of what it is asked; now and then it has nothing to say."""

    name: str = "editor"
    width: int = 1
    crosses: bool = True
    note: str = ""  # in place of what it would say
    varied: float = 0.5  # share of its edits that never come twice
    price: float | None = None
    asked: list[Request] = field(default_factory=list)

    def ceiling(self, request: Request) -> float | None:
        return None if self.price is None else 2 * self.price

    def propose(self, request: Request) -> Proposal:
        self.asked.append(request)
        text = request.parent.candidate.components[KERNEL]
        rng = random.Random(f"{request.number} {request.feedback}")
        usage = Usage() if self.price is None else Usage(1, 2_400, rng.randrange(400), self.price)
        if rng.random() < 0.06:
            return Proposal(
                None, "editor/none", "I cannot help with that.", failure="prose without a kernel",
                usage=usage, answer="Here is what I would do: nothing.",
            )  # fmt: skip
        name, values, said = EDITS[rng.randrange(len(EDITS))]
        new, old = rng.choice(values), feature(text, name)
        made = re.sub(rf"// {name} \d+", f"// {name} {new}", text)
        if name == "width":
            made = re.sub(r"i \+= \d+", f"i += {new}", made)
        if rng.random() < self.varied:
            made = re.sub(r"total = 0;.*", f"total = 0;  // {rng.random():.3f}", made)
        return Proposal(
            {KERNEL: made}, f"editor/{name}", self.note or said.format(new, old),
            ("AM020, section 4.3: vector registers", "handbook:pipelining"), usage=usage,
        )  # fmt: skip


@dataclass
class Eye:
    """A judge that looks at the text only."""

    policy: str = "strict"
    complaint: str = "use of undeclared identifier 'v32int9'"
    seed: Stage = Stage.CORRECT

    def versions(self) -> Mapping[str, str]:
        return {"world": "1"}

    def fingerprint(self) -> str:
        return "none"

    def judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[str] | None = None
    ) -> Verdict:
        names = [w.name for w in task.workloads if workloads is None or w.name in workloads]
        text = candidate.components[KERNEL]
        said = (task.name + text).encode("utf-8", "replace")
        chance = int(hashlib.sha256(said).hexdigest(), 16) % 100
        stage = next(
            (s for limit, s in ((3, 0), (12, 1), (15, 2), (20, 3), (32, 4)) if chance < limit), 5
        )
        stage = Stage(stage) if candidate.parents else self.seed
        found = tuple(self._on(task, text, name, stage) for name in names)
        compile_only = stage < Stage.RUN
        notes = (Diagnostic(self.complaint, "error", 12, 9, "        v32int9 sum = a[i];"),)
        return Verdict(
            candidate.id, task.name, found, notes if compile_only else (), self.versions(),
            self.policy, 0.4,
        )  # fmt: skip

    def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
        return self.judge(task, candidate)

    def _on(self, task: Task, text: str, name: str, stage: Stage) -> WorkloadVerdict:
        if stage is Stage.RUN:
            trap = Diagnostic("misaligned load: address 0x1003 is no multiple of 32", line=13)
            return WorkloadVerdict(name, stage, 0.0, (trap,))
        if stage is Stage.COMPARE:
            wrong = Mismatch(
                "out", 1024, 1000, ((1000, -63.0, -62.0), (1001, 5.0, float("nan"))), 1.0,
                float("inf"), 1000, "tail: elements 1000.. differ",
            )  # fmt: skip
            return WorkloadVerdict(name, stage, 0.97, (), (wrong,))
        if stage is not Stage.CORRECT:
            return WorkloadVerdict(name, stage)
        cycles = self._cycles(task, text, name)
        return WorkloadVerdict(
            name, stage, 1.0, cost=Quantity(float(cycles), "cycles", "modelled"),
            profile=_profile(cycles, text),
        )  # fmt: skip

    def _cycles(self, task: Task, text: str, name: str) -> int:
        size = int(name[1:])
        width, unroll = feature(text, "width"), feature(text, "unroll")
        spice = sum(map(ord, task.name)) % 7 + 1
        lanes = min(width, 8 * spice)
        gain = lanes * (1 + 0.3 * min(unroll, 4)) * (1 + 0.2 * feature(text, "accumulators"))
        start = 4 * unroll + width
        return int(size * 9 * spice / gain + start)


def _profile(cycles: int, text: str) -> Profile:
    vector = 0 if feature(text, "width") == 1 else cycles // 2
    loop = LoopProfile(
        11, 1, 1024, 1, 4 if vector else None, 21, 5, bool(vector), {"ld": 2, "st": 1, "vec": 1}, 3,
        ("line 12: add", "line 16: add"), max(1, cycles - 20), reason="" if vector else "a branch",
    )  # fmt: skip
    calls = {} if vector else {"float_divide": 2}
    return Profile(
        cycles, vector, vector / cycles, 0, 0.0, 2048, 1024, 96, (loop,), calls, 40 * len(calls), 64
    )


def make(
    folder: Path,
    names: Sequence[str] = ("sat_add",),
    candidates: int = 20,
    editor: Editor | None = None,
    eye: Eye | None = None,
    source: str = SOURCE,
) -> RunView:
    """A run in `folder`, ended."""
    writer, judge = editor or Editor(), eye or Eye()
    model = (
        Model("provider/some-model", "https://user:key@models.example:8443/v1")
        if writer.price
        else None
    )
    settings = Settings(writer.name, Budget(candidates), model=model)
    tasks = [task(name, WORKLOADS, "all") for name in names]
    rules = Rules(minimum=max(1, candidates // (2 * len(tasks))), width=writer.width)
    with Journal(folder) as journal:
        planned = tuple(starts.Planned(t.name, "", t.name, "none") for t in tasks)
        start = starts.Start(
            "0.0", settings, rules, planned,
            judge.versions(), "none", {}, machine(),
        )  # fmt: skip
        starts.begin(journal, start, Secret.new())
    seeds = [(t, Candidate.kernel(source)) for t in tasks]
    optimise(folder, seeds, writer, candidates, rules, judge=judge)
    return view(folder)
