"""What a run finds does not depend on the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.cli import main
from tests.sandbox.started import startable


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest) -> None:
    if "docker" in startable():
        request.getfixturevalue("docker_engine")


def optimised(name: str, folder: Path) -> Any:
    """The best kernel and the front of a short run of a bundled task."""
    secret = folder / "secret"
    secret.write_bytes(b"the same inputs in every sandbox")
    out = folder / name
    with pytest.raises(SystemExit) as ended:
        main(
            ["optimize", "threshold_i16", "--budget", "4", "--jobs", "2", "--no-cache",
             "--sandbox", name, "--secret-file", str(secret), "--out", str(out)]
        )  # fmt: skip
    assert ended.value.code == 0
    start = json.loads((out / "events.jsonl").read_text().splitlines()[0])
    assert start["machine"]["sandbox"] == name
    (task,) = json.loads((out / "result.json").read_text())["tasks"].values()
    assert task["confirmed"]
    return task["best"], task["front"]


def test_every_sandbox_ends_with_the_same_front(tmp_path: Path):
    first, *others = [optimised(name, tmp_path) for name in startable()]
    assert first[1]
    for other in others:
        assert other == first
