"""How containers end, are left behind or never start, with a real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from docker_asked import (
    MOST,
    needs,
    of_owner,
    told,
    within,
)

from kernelgepa.errors import InfrastructureError
from kernelgepa.sandbox import docker_stream
from kernelgepa.sandbox.docker import DockerWall
from kernelgepa.sandbox.wall import ZygoteDied


class Deaf(docker_stream.AttachedZygote):
    """Stops reading what the container says, when told so."""

    def __init__(self, *arguments: Any) -> None:
        self.deaf, self.stopped = threading.Event(), threading.Event()
        super().__init__(*arguments)

    def _receive(self) -> bytes:
        chunk = super()._receive()
        if self.deaf.is_set():
            self.stopped.wait()
        return chunk


def test_a_container_with_undrained_output_ends_at_once(
    docker_engine: str, api: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("kernelgepa.sandbox.docker.AttachedZygote", Deaf)
    before = set(of_owner(api, os.getpid()))
    started = DockerWall().start(needs())
    assert isinstance(started, Deaf)
    (made,) = set(of_owner(api, os.getpid())) - before
    started.deaf.set()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(told, started, "big_answer", size=7 << 20) for _ in range(4)]
        time.sleep(1.5)
        assert not any(a.done() for a in asked)
        began = time.monotonic()
        started.stop()
        seconds = time.monotonic() - began
        started.stopped.set()
        assert all(isinstance(a.exception(), (ZygoteDied, OSError)) for a in asked)
    assert seconds < 2
    assert made not in of_owner(api, os.getpid())


def test_stopping_ends_every_process_and_may_be_said_twice(docker_engine: str, api: Any):
    before = set(of_owner(api, os.getpid()))
    started = DockerWall().start(needs())
    (made,) = set(of_owner(api, os.getpid())) - before
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(told, started, "sleep", seconds=4)
        assert within(3, lambda: len(api.top(made)["Processes"]) == 4)
        pids = [int(row[1]) for row in api.top(made)["Processes"]]
        started.stop()
        assert isinstance(asked.exception(), (ZygoteDied, OSError))
    started.stop()
    assert made not in of_owner(api, os.getpid())
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises((ZygoteDied, OSError)):
        started.ask(b"{}", 1.0, MOST)


OWNER = """
import sys, time
sys.path[:0] = sys.argv[1:]
from docker_asked import needs
from kernelgepa.sandbox.docker import DockerWall
started = DockerWall().start(needs())
print("ready", flush=True)
started.ask(b'{"do": "sleep", "seconds": 60}', 60.0, 100)
"""


def test_a_killed_owner_leaves_no_container_and_no_process(docker_engine: str, api: Any):
    command = [sys.executable, "-c", OWNER, *(p for p in sys.path if p)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        (made,) = of_owner(api, owner.pid)
        assert within(5, lambda: len(api.top(made)["Processes"]) == 4)
        pids = [int(row[1]) for row in api.top(made)["Processes"]]
        owner.send_signal(signal.SIGKILL)
    assert within(5, lambda: not of_owner(api, owner.pid))
    assert within(5, lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_what_owners_that_are_gone_left_is_swept(docker_engine: str, api: Any, container: str):
    seen = api.inspect_container(container)["Config"]
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    owners = {
        "gone": f"{gone.pid}:1",
        "another with the same number": f"{os.getpid()}:1",
        "alive": seen["Labels"]["kernelgepa.owner"],
    }
    labels = {name: seen["Labels"] | {"kernelgepa.owner": o} for name, o in owners.items()}
    labels["elsewhere"] = labels["gone"] | {"kernelgepa.machine": "another"}
    labels["not ours"] = {"some": "label"}
    made = {
        name: api.create_container(seen["Image"], ["/none"], labels=given)["Id"]
        for name, given in labels.items()
    }
    try:
        DockerWall().start(needs()).stop()
        left = {c["Id"] for c in api.containers(all=True)}
        assert {n for n, i in made.items() if i in left} == {"alive", "elsewhere", "not ours"}
    finally:
        for name in ("alive", "elsewhere", "not ours"):
            api.remove_container(made[name])


def test_the_death_of_the_zygote_is_told_at_once(docker_engine: str, api: Any):
    before = set(of_owner(api, os.getpid()))
    started = DockerWall().start(needs())
    try:
        (made,) = set(of_owner(api, os.getpid())) - before
        first = str(api.inspect_container(made)["State"]["Pid"])
        (below,) = (row for row in api.top(made)["Processes"] if row[2] == first)
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(told, started, "sleep", seconds=4)
            time.sleep(0.5)
            os.kill(int(below[1]), signal.SIGKILL)
            assert isinstance(asked.exception(timeout=3), ZygoteDied)
        assert within(5, lambda: made not in of_owner(api, os.getpid()))
    finally:
        started.stop()


@pytest.mark.parametrize(
    ("handler", "reason"),
    [("no_such_module_at_all:f", "no_such_module"), ("sandbox_handlers:missing", "missing")],
)
def test_a_handler_that_cannot_be_imported_is_our_own_failure(
    docker_engine: str, api: Any, container: str, handler: str, reason: str
):
    with pytest.raises(InfrastructureError, match=reason):
        DockerWall().start(needs(handler))
    assert of_owner(api, os.getpid()) == [container]


def test_what_the_engine_refuses_is_told_with_its_reason(docker_engine: str):
    with pytest.raises(InfrastructureError, match="no-such-runtime"):
        DockerWall(runtime="no-such-runtime").start(needs())
    with pytest.raises(InfrastructureError, match="no-such-image"):
        DockerWall(image="no-such-image").start(needs())
    with pytest.raises(InfrastructureError, match="cuda:0"):
        DockerWall().start(needs(devices=("tpu:0",)))


def test_a_missing_engine_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    with pytest.raises(InfrastructureError, match="container engine"):
        DockerWall().start(needs())


def test_a_device_that_is_not_there_starts_nothing(docker_engine: str, api: Any, container: str):
    with pytest.raises(InfrastructureError):
        DockerWall().start(needs(devices=("npu:77",)))
    assert of_owner(api, os.getpid()) == [container]
