"""Bundled tasks of target triton: their seeds compile, and compute what their reference does."""

from __future__ import annotations

import pytest
from triton_cases import Case
from triton_parts import judge

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.protocols import Workers
from kernelgepa.triton.adapter import TritonAdapter

NAMES = [info.name for info in tasks.list_tasks("triton")]


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_is_right_on_every_workload(
    name: str, adapter: TritonAdapter, interpreted: Workers
) -> None:
    task = tasks.load(name, device="cpu")
    seed = Candidate({"kernel": task.seeds["canonical"], **task.components})
    built = adapter.build(task, seed, "cpu")
    assert (built.failed, built.diagnostics) == (None, ())
    for workload in task.workloads:
        reference = with_sizes(task.module.code, {n: int(v) for n, v in workload.scalars.items()})
        found = judge(interpreted, Case(reference, seed.source, task.components["launch"]))
        assert "error" not in found, found
        assert found["same"] and found["worst"] < 1e-4
