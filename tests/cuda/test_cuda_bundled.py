"""The bundled tasks of target cuda: their seeds compile and fit their launches; none runs here."""

from __future__ import annotations

import pytest

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.cuda.adapter import CudaAdapter


@pytest.mark.parametrize("name", [info.name for info in tasks.list_tasks("cuda")])
def test_a_seed_compiles_and_its_launch_fits(name: str, adapter: CudaAdapter) -> None:
    task = tasks.load(name, device="cpu")
    seed = Candidate({"kernel": task.seeds["canonical"], **task.components})
    built = adapter.build(task, seed, "cpu")
    assert built.failed is None, built.diagnostics
    assert not [d for d in built.diagnostics if d.severity == "error"]
    assert built.payload["kernel.cubin"][:4] == b"\x7fELF"
