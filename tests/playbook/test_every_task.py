"""Every bundled task, sizes it was never tried on included."""

from __future__ import annotations

from pathlib import Path

import pytest

import kernelgepa
from kernelgepa import tasks
from tests.caches import warm

NAMES = [info.name for info in tasks.list_tasks("npu-sim")]


@pytest.mark.parametrize("name", NAMES)
def test_what_it_finds_stands_on_fresh_inputs_and_hidden_workloads(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm(tmp_path / "cache")))
    found = kernelgepa.optimize(name, "playbook", 4, out=tmp_path / "run")
    assert found.only.withdrawn == ()
    assert found.confirmed
    wrong = [a.candidate.note for a in found.attempts if not a.verdict.correct]
    assert wrong == []
