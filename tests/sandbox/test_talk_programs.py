"""What workers are given beside their handler: variables, devices, the system's programs."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.protocols import Limits
from kernelgepa.sandbox import backends, devices
from kernelgepa.sandbox.pool import WorkerPool
from kernelgepa.sandbox.wall import Wall
from tests.sandbox.started import on_this_system, startable

LIMITS = Limits(wall_seconds=60.0, cpu_seconds=60.0, memory_bytes=1 << 30)


@pytest.fixture(scope="module", params=startable())
def wall(request: pytest.FixtureRequest) -> Iterator[Wall]:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    yield backends()[request.param]()


def told(pool: WorkerPool, *scripts: str) -> Any:
    """What the last script of a conversation leaves."""
    with pool.open() as talk:
        for script in scripts:
            outcome = talk.ask(json.dumps({"script": script}).encode())
            assert outcome.status == "ok", outcome
    return json.loads(outcome.payload)


BUILD = r"""
import subprocess
from pathlib import Path
Path("twice.cpp").write_text('extern "C" int twice(int x) { return 2 * x; }\n')
made = subprocess.run(["g++", "-O2", "-shared", "-fPIC", "-o", "twice.so", "twice.cpp"],
                      capture_output=True, text=True)
assert made.returncode == 0, made.stderr
"""
CALL = "import ctypes\nout = ctypes.CDLL('./twice.so').twice(21)"
# chmod is closed, a linker's too: a program is written as one.
MAIN = r"""
import os
Path("main.cpp").write_text('#include <cstdio>\nint main() { std::printf("%d", 6 * 7); }\n')
made = subprocess.run(["g++", "-o", "main", "main.cpp"], capture_output=True, text=True)
assert made.returncode == 0, made.stderr
with os.fdopen(os.open("run", os.O_CREAT | os.O_WRONLY, 0o700), "wb") as file:
    file.write(Path("main").read_bytes())
out = subprocess.run(["./run"], capture_output=True, text=True).stdout
"""
# Without its own runtime, which it would build first, for ten seconds.
ZIG = r"""
import subprocess, sys
from pathlib import Path
Path("twice.c").write_text("int twice(int x) { return 2 * x; }\n")
made = subprocess.run([sys.executable, "-m", "ziglang", "cc", "-O2", "-shared", "-fPIC",
                       "-nostdlib", "-o", "twice.so", "twice.c"], capture_output=True, text=True)
assert made.returncode == 0, made.stderr
"""


def test_a_worker_compiles_a_library_with_gxx_and_calls_it(wall: Wall):
    with WorkerPool("talk_handlers:run", limits=LIMITS, programs=True, wall=wall) as pool:
        assert told(pool, BUILD, CALL) == 42
        assert told(pool, BUILD, MAIN) == "42"


def test_a_worker_compiles_with_a_compiler_among_the_packages(wall: Wall):
    with WorkerPool("talk_handlers:run", limits=LIMITS, programs=True, wall=wall) as pool:
        assert told(pool, ZIG, CALL) == 42


RUNS = """
import subprocess
def runs(*argv):
    try:
        return subprocess.run(argv, capture_output=True).returncode == 0
    except OSError:
        return False
with os.fdopen(os.open("own", os.O_CREAT | os.O_WRONLY, 0o700), "w") as file:
    file.write("#!/bin/sh\\n")
out = [runs("/bin/true"), runs("./own")]
"""


@pytest.mark.parametrize("programs", [False, True])
def test_programs_run_in_workers_that_may_execute_them_only(programs: bool):
    with WorkerPool("talk_handlers:run", limits=LIMITS, programs=programs) as pool:
        assert told(pool, "import os", RUNS) == [programs, programs]


LOOK = "import os; out = {n: os.environ.get(n) for n in ('OMP_NUM_THREADS', 'KERNELGEPA_TEST')}"


def test_variables_are_set_before_the_handler_is_imported_and_in_the_worker(wall: Wall):
    given = {"OMP_NUM_THREADS": "3", "KERNELGEPA_TEST": "a value"}
    with WorkerPool("talk_handlers:run", limits=LIMITS, environment=given, wall=wall) as pool:
        assert told(pool, LOOK) == given
        at_import = told(pool, "import talk_handlers; out = talk_handlers.AT_IMPORT")
        assert {name: at_import[name] for name in given} == given
    with WorkerPool("talk_handlers:run", limits=LIMITS, wall=wall) as pool:
        assert told(pool, LOOK) == {"OMP_NUM_THREADS": "1", "KERNELGEPA_TEST": None}


DEVICE = """
import os, resource, socket
def made(family):
    try:
        socket.socket(family).close()
    except OSError:
        return False
    return True
try:
    os.close(os.open("/dev/full", os.O_RDWR))
    opened = True
except OSError:
    opened = False
def readable(path):
    try:
        with open(path) as file:
            return bool(file.read(1))
    except OSError:
        return False
looked_up = readable("/proc/self/maps") and readable("/proc/cpuinfo")
foreign = readable("/proc/%d/maps" % os.getppid()) or readable("/proc/1/environ")
endless = [resource.getrlimit(kind)[1] == resource.RLIM_INFINITY
           for kind in (resource.RLIMIT_AS, resource.RLIMIT_MEMLOCK)]
out = [opened, made(socket.AF_UNIX), looked_up, foreign, *endless]
"""


@pytest.mark.parametrize("name", on_this_system())
def test_a_worker_that_names_a_device_has_it_and_what_its_driver_needs(name: str):
    """/dev/full stands in for an accelerator's node."""
    for given, has in (((), False), (("/dev/full",), True)):
        wall = backends()[name]()
        with WorkerPool("talk_handlers:run", limits=LIMITS, devices=given, wall=wall) as pool:
            opened, local, looked_up, foreign, endless_as, endless_lock = told(pool, DEVICE)
        assert (opened, local, looked_up, endless_as) == (has, has, has, has)
        assert foreign is False
        assert endless_lock is (has and _may_lock())


def _may_lock() -> bool:
    return resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY


def test_workers_do_not_hold_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Who times on it does, and is not to wait for its own workers."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    pool = WorkerPool("talk_handlers:run", limits=LIMITS, devices=("npu:9",))
    with pool, pool.open() as first, devices.held("npu:9"):
        assert first.ask(json.dumps({"script": "out = 1"}).encode()).payload == b"1"
