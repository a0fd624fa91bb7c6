"""Devices: one job at a time has one, whoever asks, and death gives it back."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox import Choice, devices, open_sandbox
from tests.sandbox.started import on_this_system

HOLDER = """
import sys, time
from kernelgepa.sandbox import devices
with devices.held(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def holder(name: str) -> subprocess.Popen[str]:
    found = subprocess.Popen(
        [sys.executable, "-c", HOLDER, name], stdout=subprocess.PIPE, text=True
    )
    assert found.stdout is not None
    assert found.stdout.readline() == "held\n"
    return found


def test_another_process_waits_and_death_releases():
    got = threading.Event()

    def wait() -> None:
        with devices.held("cuda:7"):
            got.set()

    with holder("cuda:7") as first:
        waiting = threading.Thread(target=wait)
        waiting.start()
        with devices.held("cuda:6"):  # another device is free
            assert not got.wait(0.3)
        first.send_signal(signal.SIGKILL)
        waiting.join(10)
    assert got.is_set()


def test_a_job_has_its_device_alone():
    with open_sandbox(Choice("landlock")) as sandbox, holder("npu:9") as first:
        done = threading.Event()

        def run() -> None:
            sandbox.run(SandboxJob(("/bin/true",), devices=("npu:9",)))
            done.set()

        running = threading.Thread(target=run)
        running.start()
        sandbox.run(SandboxJob(("/bin/true",)))  # a job without a device does not wait
        assert not done.wait(0.3)
        first.send_signal(signal.SIGKILL)
        running.join(10)
        assert done.is_set()


@pytest.mark.parametrize("name", on_this_system())
def test_only_a_job_that_names_a_device_can_open_it(name: str):
    """/dev/full stands in for an accelerator's node: a device that is not among those all have."""
    script = "import os; os.close(os.open('/dev/full', os.O_RDWR))"
    readable = (Path(sys.prefix), Path(sys.base_prefix))
    with open_sandbox(Choice(name)) as sandbox:
        job = SandboxJob((sys.executable, "-I", "-S", "-c", script), readable=readable)
        assert sandbox.run(job).status == "nonzero"
        assert sandbox.run(replace(job, devices=("/dev/full",))).status == "ok"


@pytest.mark.parametrize("devices", [(), ("/dev/full",)])
def test_what_a_driver_needs_is_open_to_a_job_with_a_device_only(devices: tuple[str, ...]):
    script = """
import resource, socket, threading
def made(family):
    try:
        socket.socket(family).close()
    except OSError:
        return False
    return True
ours = socket.socketpair()[0]
try:
    socket.socket(socket.AF_UNIX).connect("/run/nobody-listens-here")
    reached = True
except PermissionError:
    reached = False
except FileNotFoundError:
    reached = True
listens = False
try:
    own = socket.socket(socket.AF_UNIX)
    own.bind("\\0" + str(id(own)))
    own.listen()
    listens = True
    socket.socket(socket.AF_UNIX).connect(own.getsockname())
    reached = True
except PermissionError:
    pass
try:
    named = open("/proc/self/task/%d/comm" % threading.get_native_id(), "w")
    print("worker", file=named, flush=True)
    named = True
except PermissionError:
    named = False
print(made(socket.AF_UNIX), made(socket.AF_INET), made(socket.AF_VSOCK), reached, listens, named,
      resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY)
"""
    readable = (Path(sys.prefix), Path(sys.base_prefix))
    with open_sandbox(Choice("landlock")) as sandbox:
        argv = (sys.executable, "-I", "-S", "-c", script)
        done = sandbox.run(SandboxJob(argv, readable=readable, devices=devices))
    has = bool(devices)
    wanted = (has, False, False, False, has, has, has)
    assert done.stdout.decode().split() == [str(v) for v in wanted]


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "npu:1;rm", "/dev/../etc/passwd", ""])
def test_a_name_that_is_none_is_refused(name: str):
    with pytest.raises(InfrastructureError, match="devices are named cuda:0 or npu:0"):
        devices.paths(name)
