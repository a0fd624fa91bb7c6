"""What the tests of the target triton share."""

from __future__ import annotations

import json
from typing import Any

from triton_cases import Case

from kernelgepa.candidate import Candidate
from kernelgepa.measured.contract import Built
from kernelgepa.protocols import Workers
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.triton.adapter import TritonAdapter


def task_of(case: Case) -> Task:
    return Task(
        "t", "triton", Interface("forward", ()), (Workload("w", {}),),
        ModuleReference(case.reference), {},
    )  # fmt: skip


def candidate_of(case: Case) -> Candidate:
    return Candidate({"kernel": case.kernel, "launch": case.launch})


def build(adapter: TritonAdapter, case: Case, device: str = "cpu") -> Built:
    return adapter.build(task_of(case), candidate_of(case), device)


def judge(workers: Workers, case: Case, **more: object) -> dict[str, Any]:
    asked = {"reference": case.reference, "kernel": case.kernel, "launch": case.launch, **more}
    outcome = workers.submit(json.dumps(asked).encode())
    assert outcome.status == "ok", outcome
    found: dict[str, Any] = json.loads(outcome.payload)
    return found
