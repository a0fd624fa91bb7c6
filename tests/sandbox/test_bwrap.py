"""What is bubblewrap's own: namespaces, and a start by root that gives nothing away.

Collected where bubblewrap starts, or where KERNELGEPA_SANDBOXES demands it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.protocols import Limits, SandboxJob
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.bwrap import BwrapWall
from kernelgepa.sandbox.walled import WalledSandbox

PYTHON = Path(sys.executable).resolve()
LIMITS = Limits(wall_seconds=5, cpu_seconds=4, memory_bytes=400 << 20, file_bytes=4 << 20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[WalledSandbox]:
    with WalledSandbox(BwrapWall()) as made:
        yield made


def python(sandbox: WalledSandbox, script: str, **job: object) -> str:
    given = SandboxJob(
        argv=(str(PYTHON), "-I", "-S", "-c", script),
        readable=(PYTHON, *harness.interpreter_paths()),
        limits=LIMITS,
    )
    done = sandbox.run(SandboxJob(**{**vars(given), **job}))
    assert done.status == "ok", (done.status, done.stderr)
    return done.stdout.decode().strip()


def test_the_kernels_settings_cannot_be_written_even_when_root_starts_it(sandbox: WalledSandbox):
    script = """
import os
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sysrq-trigger"):
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("opened", path)
    except OSError:
        pass
print(os.getuid())
"""
    uid = int(python(sandbox, script))
    assert uid != 0
    if os.getuid() == 0:
        assert uid > 1 << 30  # of nobody on this machine


def test_only_its_own_processes_and_files_exist(sandbox: WalledSandbox, tmp_path: Path):
    (tmp_path / "secret").write_text("d41d8cd9")
    paths = ["/boot", "/var", "/etc/passwd", str(tmp_path), "/usr"]
    script = f"""
import os
print([os.path.exists(path) for path in {paths!r}])
print(len([p for p in range(2, 70000) if os.path.exists(f"/proc/{{p}}")]) < 10)
"""
    assert all(Path(path).exists() for path in paths)
    found, few = python(sandbox, script).splitlines()
    assert found == "[False, False, False, False, True]"
    assert few == "True"


def test_no_mount_or_process_is_left_when_its_owner_is_killed():
    """SIGKILL of the program that started it: the control socket closes, and all ends."""
    script = """
import sys, time
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox.bwrap import BwrapWall
from kernelgepa.sandbox.walled import WalledSandbox
sandbox = WalledSandbox(BwrapWall())
sandbox.run(SandboxJob(("/bin/true",)))
print("ready", flush=True)
sandbox.run(SandboxJob(("/bin/sleep", "77.25")))
"""
    mounts = len(Path("/proc/self/mounts").read_text().splitlines())
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner:
        assert owner.stdout.readline() == "ready\n"
        _until(lambda: bool(_sleepers()))
        owner.send_signal(signal.SIGKILL)
    _until(lambda: not _sleepers())
    assert len(Path("/proc/self/mounts").read_text().splitlines()) == mounts


def _sleepers() -> list[str]:
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [row for row in found.stdout.splitlines() if row.startswith("/bin/sleep 77.25")]


def _until(holds: object, seconds: float = 10.0) -> None:
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
