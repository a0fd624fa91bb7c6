"""A key in the environment, a cache of its own, and requests about a bundled task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.protocols import Attempt, Request
from kernelgepa.tasks import load
from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict
from tests.caches import warm
from tests.llm.server import KEY

Make = Callable[..., Request]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm(tmp_path / "cache")))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def ask() -> Make:
    """A request about the bundled axpy_bf16; keywords replace its parts."""
    task = load("axpy_bf16")

    def make(source: str = "", number: int = 1, **parts: object) -> Request:
        candidate = Candidate.kernel(source or task.seeds["canonical"])
        cost = Quantity(100.0, "cycles", "modelled")
        workloads = tuple(
            WorkloadVerdict(w.name, Stage.CORRECT, 1.0, cost=cost) for w in task.workloads
        )
        parent = Attempt(candidate, Verdict(candidate.id, task.name, workloads), True)
        given = {
            "number": number, "task": task, "parent": parent, "component": "kernel",
            "feedback": "It is slow.", "history": (parent,), **parts,
        }  # fmt: skip
        return Request(**given)  # type: ignore[arg-type]

    return make
