"""Between messages nothing of a worker computes, and it goes on with the next one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.protocols import Limits
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.conversation import WorkerConversation
from kernelgepa.sandbox.pool import WorkerPool
from tests.sandbox.started import startable

LIMITS = Limits(wall_seconds=20.0, cpu_seconds=1.5, memory_bytes=400 << 20, processes=16)
REST = 0.15  # fifteen clock ticks for what should take none
THREAD = """
import threading
def spin():
    while True:
        pass
threading.Thread(target=spin, daemon=True).start()
"""
CHILD = """
import os
if os.fork() == 0:
    while True:
        pass
"""
DAEMON = """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    while True:
        pass
os.wait()
"""
# The first thread of a process ends, and another one computes.
LEADERLESS = """
import ctypes, os, platform, threading
if os.fork() == 0:
    def spin():
        while True:
            pass
    threading.Thread(target=spin, daemon=True).start()
    ctypes.CDLL(None).syscall(93 if platform.machine() == "aarch64" else 60, 0)
"""
# Processes that start the next one and end: who looks always comes too late.
RELAY = """
import os, time
if os.fork() == 0:
    os.setsid()
    while True:
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            pass
"""
# One that lets the others go on.
WAKER = """
import os, signal
first = os.getpid()
if os.fork() == 0:
    os.setsid()
    while True:
        os.kill(first, signal.SIGCONT)
"""


@pytest.fixture(scope="module", params=[*startable(), "none"])
def pool(request: pytest.FixtureRequest) -> Iterator[WorkerPool]:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    wall = backends()[request.param]()
    with WorkerPool("talk_handlers:run", limits=LIMITS, wall=wall) as made:
        yield made


def told(talk: WorkerConversation, script: str) -> Any:
    outcome = talk.ask(json.dumps({"script": script}).encode())
    assert outcome.status == "ok", outcome
    return json.loads(outcome.payload)


def computed(folder: str) -> dict[str, int]:
    """Clock ticks of each process whose current folder it is."""
    found = {}
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(link.readlink()) == folder:
                words = link.with_name("stat").read_text().rpartition(")")[2].split()
                found[link.parent.name] = int(words[11]) + int(words[12])
        except OSError:
            continue
    return found


@pytest.mark.parametrize("script", [THREAD, CHILD, DAEMON, LEADERLESS, WAKER])
def test_nothing_computes_between_messages(pool: WorkerPool, script: str):
    with pool.open() as talk:
        folder = told(talk, "import os; out = os.getcwd()")
        told(talk, script)
        told(talk, "import time; time.sleep(0.1)")
        before = computed(folder)
        assert before
        time.sleep(REST)
        assert computed(folder) == before


def test_a_chain_of_forks_rests_or_ends(pool: WorkerPool):
    """Where nothing slows it, it outruns whoever looks for it, and then has to end."""
    with pool.open() as talk:
        folder = told(talk, "import os; out = os.getcwd()")
        scripts = (RELAY, "import time; time.sleep(0.1)")
        ended = None
        for script in scripts:
            outcome = talk.ask(json.dumps({"script": script}).encode())
            if outcome.status != "ok":
                ended = outcome.status
                break
        before = computed(folder)
        time.sleep(REST)
        assert computed(folder) == before
        assert ended in (None, "timeout", "out_of_memory")
        assert bool(before) == (ended is None)


@pytest.mark.parametrize("script", [THREAD, CHILD, DAEMON])
def test_what_was_stopped_goes_on_with_the_next_message(pool: WorkerPool, script: str):
    with pool.open() as talk:
        folder = told(talk, "import os; out = os.getcwd()")
        told(talk, script)
        before = computed(folder)
        told(talk, "import time; time.sleep(0.2)")
        after = computed(folder)
    assert before.keys() == after.keys()
    assert sum(after.values()) >= sum(before.values()) + 4


def test_a_process_started_while_the_rest_is_stopped_is_found(pool: WorkerPool):
    """A bomb that is always about to fork ends the conversation, or rests like everything else."""
    script = "import os\\nfor _ in range(8):\\n    if os.fork() == 0:\\n        while True: pass"
    with pool.open() as talk:
        folder = told(talk, "import os; out = os.getcwd()")
        outcome = talk.ask(json.dumps({"script": script.replace("\\n", "\n")}).encode())
        before = computed(folder)
        time.sleep(REST)
        assert computed(folder) == before
        assert outcome.status == "ok"
        assert len(before) == 9


def test_processor_time_is_counted_for_each_message_and_over_all_processes(pool: WorkerPool):
    with pool.open() as talk:
        for _ in range(3):
            told(talk, "import time\nend = time.process_time() + 0.6\n"
                       "while time.process_time() < end: pass")  # fmt: skip
        told(talk, CHILD)
        outcome = talk.ask(json.dumps({"script": "while True: pass"}).encode())
    assert (outcome.status, outcome.detail) == ("timeout", "processor time used up")
    assert outcome.seconds < LIMITS.wall_seconds


def test_memory_is_counted_over_all_messages_and_processes(pool: WorkerPool):
    script = """
import os
kept = b"1" * (120 << 20)
for _ in range(3):
    if os.fork() == 0:
        kept = b"2" * (120 << 20)
        while True:
            time.sleep(1)
"""
    with pool.open() as talk:
        told(talk, "import time")
        told(talk, "held = b'0' * (100 << 20)")
        outcome = talk.ask(json.dumps({"script": script + "time.sleep(3)"}).encode())
    assert outcome.status == "out_of_memory"
