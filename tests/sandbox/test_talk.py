"""Conversations: many messages to one process, which rests and is bounded between and while."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, WorkerOutcome
from kernelgepa.sandbox import backends
from kernelgepa.sandbox.conversation import WorkerConversation
from kernelgepa.sandbox.pool import WorkerPool
from tests.sandbox.started import startable

LIMITS = Limits(
    wall_seconds=20.0,
    cpu_seconds=10.0,
    memory_bytes=400 << 20,
    output_bytes=1 << 16,
    file_bytes=4 << 20,
    processes=16,
)
WALLS = [*startable(), "none"]


@pytest.fixture(scope="module", params=WALLS)
def pool(request: pytest.FixtureRequest) -> Iterator[WorkerPool]:
    if request.param == "docker":
        request.getfixturevalue("docker_engine")
    wall = backends()[request.param]()
    with WorkerPool("talk_handlers:run", 2, limits=LIMITS, answer_bytes=1 << 20, wall=wall) as made:
        yield made


def ask(talk: WorkerConversation, script: str, **given: object) -> WorkerOutcome:
    seconds = given.pop("seconds", None)
    assert seconds is None or isinstance(seconds, float)
    return talk.ask(json.dumps({"script": script, **given}).encode(), seconds)


def told(talk: WorkerConversation, script: str, **given: object) -> Any:
    outcome = ask(talk, script, **given)
    assert outcome.status == "ok", outcome
    return json.loads(outcome.payload)


def test_one_process_answers_all_messages(pool: WorkerPool):
    with pool.open() as talk:
        pids = {told(talk, "import os; out = os.getpid()") for _ in range(5)}
        told(talk, "kept = 40")
        assert told(talk, "out = kept + 2") == 42
    assert len(pids) == 1
    with pool.open() as other:
        assert told(other, "out = 'kept' in globals()") is False


def test_messages_and_answers_of_every_size_come_whole(pool: WorkerPool):
    with pool.open() as talk:
        for size in (0, 1, 5000, 70_000, 1_000_000):
            assert told(talk, "out = len(text)", text="x" * size) == size
            assert told(talk, "out = 'y' * size", size=size) == "y" * size


def test_what_a_handler_prints_is_told_with_its_message_only(pool: WorkerPool):
    with pool.open() as talk:
        assert ask(talk, "print('first', flush=True)").detail == "first\n"
        assert ask(talk, "out = 1").detail == ""


@pytest.mark.parametrize(
    ("script", "status", "detail"),
    [
        ("raise ValueError('this one fails')", "error", "ValueError: this one fails"),
        ("raise ValueError('too long: ' + '0.1 ' * 9999)", "error", "ValueError: too long: 0.1"),
        ("raise SystemExit(0)", "error", "SystemExit"),
        ("import os; os._exit(0)", "crashed", "without an answer"),
        ("import os; os.abort()", "crashed", "signal 6"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "0.5 s"),
        ("while True: pass", "timeout", "0.5 s"),
        ("out = 'x' * (2 << 20)", "output_limit", "longer answer"),
        ("import os\nwhile True: os.write(1, b'x' * 65536)", "output_limit", "more output"),
        ("import os; os.closerange(3, 50)", "error", "Bad file descriptor"),
    ],
)
def test_misbehaviour_is_an_outcome_and_ends_the_conversation(
    pool: WorkerPool, script: str, status: str, detail: str
):
    with pool.open() as talk:
        assert told(talk, "out = 1") == 1
        outcome = ask(talk, script, seconds=0.5)
        assert (outcome.status, outcome.payload) == (status, b"")
        assert detail in outcome.detail
        with pytest.raises(InfrastructureError, match="has ended"):
            ask(talk, "out = 1")


def test_time_is_counted_for_each_message(pool: WorkerPool):
    with pool.open() as talk:
        told(talk, "import time")
        for _ in range(3):
            assert ask(talk, "time.sleep(0.3)", seconds=0.8).status == "ok"
        outcome = ask(talk, "time.sleep(60)", seconds=0.3)
    assert outcome.status == "timeout"
    assert 0.3 <= outcome.seconds < 5


BURN = """
import time
until = time.process_time() + 0.2
while time.process_time() < until:
    pass
"""


def test_the_kernel_says_how_long_a_process_has_computed(pool: WorkerPool):
    """A wait is no work, and threads that have ended have worked."""
    with pool.open() as talk:
        told(talk, "import time, threading, os")
        resting = ask(talk, "time.sleep(0.3)")
        assert resting.seconds >= 0.3
        assert resting.computed is not None and resting.computed < 0.1
        burnt = ask(talk, BURN).computed
        assert burnt is not None and 0.2 <= burnt < 2
        both = f"both = [threading.Thread(target=exec, args=({BURN!r}, {{}})) for _ in range(2)]\n"
        threads = ask(talk, both + "for t in both: t.start()\nfor t in both: t.join()").computed
        assert threads is not None and threads >= 0.2


@pytest.mark.parametrize("waits", [True, False])
def test_what_other_processes_have_computed_is_not_left_out(pool: WorkerPool, waits: bool):
    """In a first message they may be a compiler; later nothing tells them from work handed over."""
    forked = f"child = os.fork()\nif not child:\n    exec({BURN!r}, {{}})\n    os._exit(0)\n"
    wait = (
        "os.waitpid(child, 0)" if waits else "os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)"
    )
    with pool.open() as talk:
        told(talk, "import os\n" + forked + wait)
        assert (ask(talk, "1").computed or 0.0) < 0.1
        assert (ask(talk, forked + wait).computed or 0.0) >= 0.18
        assert (ask(talk, "1").computed or 0.0) < 0.1


IN_A_CHILD = f"""
import os
asked, ask = os.pipe()
told, tell = os.pipe()
if os.fork() == 0:
    while os.read(asked, 1):
        exec({BURN!r}, {{}})
        os.write(tell, b"x")
"""


def test_a_helper_that_stays_counts_with_its_process(pool: WorkerPool):
    with pool.open() as talk:
        told(talk, IN_A_CHILD)
        assert (ask(talk, "1").computed or 0.0) < 0.1
        burnt = ask(talk, "os.write(ask, b'x')\nos.read(told, 1)").computed
        assert burnt is not None and burnt >= 0.2


# Timers whose signals let a process go on that has been told to rest.
AWAKE = """
import ctypes, os, signal
asked, ask = os.pipe()
told, tell = os.pipe()
if os.fork() == 0:
    os.read(asked, 1)
    libc = ctypes.CDLL(None)
    event = (ctypes.c_uint64 * 8)(0, signal.SIGCONT)
    for number in range(200):
        timer = ctypes.c_void_p()
        assert libc.timer_create(1, event, ctypes.byref(timer)) == 0
        after = (ctypes.c_long * 4)(0, 0, 0, 1000000 + 4000000 * number)
        assert libc.timer_settime(timer, 0, after, None) == 0
    os.write(tell, b"x")
    while True:
        pass
"""


def test_who_goes_on_while_nobody_asks_is_charged_with_it(pool: WorkerPool):
    with pool.open() as talk:
        told(talk, AWAKE)
        assert ask(talk, "os.write(ask, b'x')\nos.read(told, 1)").status == "ok"
        time.sleep(0.6)
        found = ask(talk, "1")
        assert found.computed is not None and found.computed >= 0.05


def test_a_process_that_ends_between_messages_is_an_outcome(pool: WorkerPool):
    later = """
import os, signal, threading, time
def end():
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=end).start()
"""
    with pool.open() as talk:
        assert ask(talk, later).status == "ok"
        outcome = ask(talk, "time.sleep(5)")
    assert outcome.status in ("crashed", "out_of_memory")


FORGE = """
import os, struct
for descriptor in range(3, 64):
    try:
        os.write(descriptor, data.encode("latin-1"))
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    "data",
    [
        "\0\0\0\0\0\0\0\x02ok" * 3,  # an answer, and more of them
        "\xff" * 64,  # one of a length nobody has
        "\0\0\0\0\0\0\x40\0" + "x" * 100,  # one that never ends
    ],
)
def test_a_forged_answer_spoils_nothing_but_the_conversation(pool: WorkerPool, data: str):
    with pool.open() as hostile, pool.open() as honest:
        outcome = ask(hostile, FORGE + "\nos._exit(0)", data=data)
        assert outcome.status in ("crashed", "output_limit"), outcome
        assert outcome.payload == b""
        assert told(honest, "out = 7") == 7


def test_a_message_is_not_answered_in_advance(pool: WorkerPool):
    with pool.open() as talk:
        outcome = ask(talk, FORGE, data="\0\0\0\0\0\0\0\x02ok" * 2)
        assert outcome.status == "crashed"
        assert "more than one answer" in outcome.detail


def test_two_conversations_and_requests_run_side_by_side():
    with (
        WorkerPool("talk_handlers:remember", 1) as reference,
        WorkerPool("talk_handlers:remember", 1) as candidate,
        reference.open() as first,
        candidate.open() as second,
    ):
        for count in range(1, 4):
            assert first.ask(b"x").payload == str(count).encode()
            assert second.ask(b"x").payload == str(count).encode()
            assert reference.submit(b"x").payload == b"1"


def test_an_open_conversation_makes_the_next_one_wait_until_it_ends():
    with WorkerPool("talk_handlers:remember", 1) as pool:
        for _ in range(3):
            with pool.open() as talk:
                assert talk.ask(b"x").payload == b"1"
        with pool.open() as talk:
            talk.close()
            talk.close()
            with pool.open() as other:
                assert other.ask(b"x").payload == b"1"


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(0, 64)
    while True:
        time.sleep(0.01)
os.wait()
"""


def in_folder(folder: str) -> list[str]:
    """Processes whose current folder it is."""
    return [link.parent.name for link in Path("/proc").glob("[0-9]*/cwd") if _leads(link) == folder]


def _leads(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def test_closing_ends_the_process_and_all_it_started(pool: WorkerPool):
    with pool.open() as talk:
        folder = told(talk, "import os; out = os.getcwd()")
        told(talk, DAEMON)
        assert len(in_folder(folder)) == 2
    assert not in_folder(folder)
    assert not Path(folder).exists()


def test_a_conversation_finds_nothing_of_the_one_before(pool: WorkerPool):
    leave = f"import os\nopen('left', 'w').write('x')\nos.environ['LEFT'] = 'x'\n{DAEMON}"
    find = "import os; out = [os.listdir(), 'LEFT' in os.environ, 'leave' in globals()]"
    for ending in ("out = 1", "import os; os.abort()", "bytearray(600 << 20)"):
        with pool.open() as talk:
            told(talk, leave)
            ask(talk, ending)
        with pool.open() as other:
            assert told(other, find) == [[], False, False]


def test_a_crash_is_none_of_memory_because_an_earlier_conversation_took_much(pool: WorkerPool):
    with pool.open() as talk:
        told(talk, "kept = bytearray(340 << 20)\nkept[::4096] = b'x' * len(kept[::4096])")
    with pool.open() as other:
        assert ask(other, "import os; os.abort()").status == "crashed"


def open_files(talk: WorkerConversation) -> int:
    """Of the process that watches the one that talks."""
    (pid,) = in_folder(told(talk, "import os; out = os.getcwd()"))
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    parent = next(row.split()[1] for row in status.splitlines() if row.startswith("PPid:"))
    return len(list(Path(f"/proc/{parent}/fd").iterdir()))


def test_conversations_one_after_another_leave_no_more_open_than_one_does(pool: WorkerPool):
    seen = set()
    for _ in range(4):
        with pool.open() as talk:
            seen.add(open_files(talk))
    assert len(seen) == 1


def test_a_closed_pool_ends_its_conversations():
    with WorkerPool("talk_handlers:remember") as pool:
        talk = pool.open()
        assert talk.ask(b"x").payload == b"1"
    with pytest.raises(InfrastructureError):
        talk.ask(b"x")
    talk.close()
