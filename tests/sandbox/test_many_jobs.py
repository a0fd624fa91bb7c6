"""Many jobs in a row: nothing of them stays, and nothing grows."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kernelgepa.protocols import Limits, SandboxJob
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.walled import WalledSandbox
from tests.sandbox.started import startable

LIMITS = Limits(wall_seconds=10, cpu_seconds=5, memory_bytes=256 << 20, file_bytes=1 << 20)
State = tuple[int, int, int]


def processes() -> dict[int, int]:
    """Descendants of this process, and the memory of each in KiB."""
    parents, sizes = {}, {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                stat = Path(f"/proc/{entry.name}/stat").read_text().rpartition(")")[2].split()
                pages = int(Path(f"/proc/{entry.name}/statm").read_text().split()[1])
            except OSError:
                continue
            parents[int(entry.name)] = int(stat[1])
            sizes[int(entry.name)] = pages * resource.getpagesize() // 1024
    below, more = set(), {os.getpid()}
    while more:
        more = {pid for pid, parent in parents.items() if parent in more}
        below |= more
    return {pid: sizes[pid] for pid in below}


def more(state: Callable[[], State], before: State) -> list[int]:
    """What there is more of than before, also after a while. What others leave may go meanwhile."""
    deadline = time.monotonic() + 5
    while True:
        found = [now - then for now, then in zip(state(), before, strict=True) if now > then]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


@pytest.mark.parametrize("name", startable())
def test_150_jobs_in_a_row_leave_nothing_and_take_no_more_memory(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    if name == "docker":
        request.getfixturevalue("docker_engine")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    script = "echo x > left; mkdir -p a/b; echo y > a/b/c; sleep 60 & echo $$"
    job = SandboxJob(("/bin/sh", "-c", script), collect={"left": 10}, limits=LIMITS)

    def state() -> State:
        inside = [entry for path in folder.iterdir() for entry in path.iterdir()]
        descriptors = os.listdir("/proc/self/fd")  # noqa: PTH208
        return len(inside), len(descriptors), len(processes())

    before = processes()
    with WalledSandbox(backends()[name]()) as sandbox:
        for _ in range(30):
            assert sandbox.run(job).files == {"left": b"x\n"}
        time.sleep(1)
        first, memory = state(), processes()
        for _ in range(120):
            assert sandbox.run(job).status == "ok"
        assert not more(state, first)
        grown = {pid: size - memory.get(pid, size) for pid, size in processes().items()}
        assert max(grown.values(), default=0) < 500  # KiB: four a job
    assert not list(folder.iterdir())
    assert set(processes()) <= set(before)
    folder.rmdir()
