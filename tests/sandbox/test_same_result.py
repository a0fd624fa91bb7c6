"""What a run finds does not depend on the sandbox; inside a container there is Landlock's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.sandbox.docker import skeleton
from tests.sandbox.here import sandboxes

KEPT = ("--cap-add", "SETUID", "--cap-add", "SETGID")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest) -> None:
    if "docker" in sandboxes():
        request.getfixturevalue("docker_engine")


def optimised(name: str, folder: Path) -> Any:
    """The best kernel and the front of a short run of a bundled task."""
    secret = folder / "secret"
    secret.write_bytes(b"the same inputs in every sandbox")
    out = folder / name
    subprocess.run(
        [sys.executable, "-m", "kernelgepa", "optimize", "threshold_i16", "--budget", "5",
         "--jobs", "2", "--no-cache", "--sandbox", name, "--secret-file", str(secret),
         "--out", str(out)],
        check=True, capture_output=True,
    )  # fmt: skip
    start = json.loads((out / "events.jsonl").read_text().splitlines()[0])
    assert start["machine"]["sandbox"] == name
    (task,) = json.loads((out / "result.json").read_text())["tasks"].values()
    assert task["confirmed"]
    return task["best"], task["front"]


def test_every_sandbox_ends_with_the_same_front(tmp_path: Path):
    first, *others = [optimised(name, tmp_path) for name in sandboxes()]
    assert first[1]
    for other in others:
        assert other == first


@pytest.mark.parametrize("dropped", ["all", "all but setuid"])
@pytest.mark.parametrize("user", ["0:0", "4321:4321"])
def test_in_a_container_without_namespaces_or_engine_there_is_landlock(user: str, dropped: str):
    """kernelgepa itself in a container: no engine, no user namespaces, few capabilities."""
    if "docker" not in sandboxes():
        pytest.skip("no container engine here")
    done = _in_container(user, "seccomp=unconfined", dropped)
    assert done.returncode == 0, done.stderr
    assert "relu_i8: correct" in done.stdout
    assert done.stderr.startswith("sandbox: landlock; keeps (measured) filesystem, network")


def test_an_engines_own_filter_may_hide_landlock_and_then_that_is_said():
    if "docker" not in sandboxes():
        pytest.skip("no container engine here")
    done = _in_container("4321:4321", "no-new-privileges")
    assert done.returncode == 0, done.stderr
    assert "relu_i8: correct" in done.stdout
    assert "landlock" in done.stderr


def _in_container(user: str, option: str, dropped: str = "all") -> subprocess.CompletedProcess[str]:
    paths = {"/usr", "/etc/alternatives", "/etc/ld.so.cache", str(ROOT), sys.prefix,
             str(Path(sys.base_prefix).resolve())}  # fmt: skip
    kernel = ROOT / "tasks" / "npu" / "relu_i8" / "kernel.cc"
    command = [
        "docker", "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp:exec",
        "--cap-drop", "ALL", *(KEPT if dropped != "all" else ()),
        "--security-opt", option, "--user", user, "--env", "HOME=/tmp",
        *(part for path in sorted(paths) if Path(path).exists()
          for part in ("--volume", f"{path}:{path}:ro")),
        skeleton(), sys.executable, "-m", "kernelgepa", "evaluate", "relu_i8", str(kernel),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)
