"""What a worker can and cannot do, and that nothing of it survives. Bounded, loopback only."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, WorkerOutcome
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.sandbox.pool import WorkerPool

HANDLERS = "sandbox_handlers"
LIMITS = Limits(
    wall_seconds=3.0,
    cpu_seconds=2.0,
    memory_bytes=400 << 20,
    output_bytes=1 << 16,
    file_bytes=4 << 20,
    processes=16,
)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    secret = {"KERNELGEPA_PROBE_KEY": "b1946ac9-secret-variable"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in secret.items():
            patch.setenv(name, value)
        with WorkerPool(f"{HANDLERS}:act", jobs=2, limits=LIMITS, answer_bytes=1 << 20) as made:
            yield made


def ask(pool: WorkerPool, action: str, **arguments: object) -> WorkerOutcome:
    return pool.submit(json.dumps({"do": action, **arguments}).encode())


def told(pool: WorkerPool, action: str, **arguments: object) -> Any:
    outcome = ask(pool, action, **arguments)
    assert outcome.status == "ok", outcome
    return json.loads(outcome.payload)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ended(pid: int) -> bool:
    deadline = time.monotonic() + 3
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def test_a_request_goes_to_the_handler_and_its_answer_comes_back():
    with WorkerPool(f"{HANDLERS}:upper") as pool:
        assert pool.submit(b"kernel").payload == b"KERNEL"
        assert pool.submit(b"").payload == b""
        assert pool.submit(b"x" * (3 << 20)).payload == b"X" * (3 << 20)


def test_an_answer_may_be_large_but_not_larger_than_allowed(pool: WorkerPool):
    assert len(told(pool, "big_answer", size=1 << 19)) == 1 << 19
    assert ask(pool, "big_answer", size=2 << 20).status == "output_limit"


def test_requests_of_many_threads_do_not_mix(pool: WorkerPool):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: told(pool, "big_answer", size=n), range(100, 140)))
    assert [len(answer) for answer in answers] == list(range(100, 140))


def test_files_outside_can_neither_be_read_nor_written(pool: WorkerPool, tmp_path: Path):
    tmp_path.chmod(0o777)
    secret = tmp_path / "secret"
    secret.write_text("e2c569be")
    secret.chmod(0o666)
    assert told(pool, "read", path=str(secret)).startswith("refused")
    assert told(pool, "write", path=str(secret)).startswith("refused")
    assert told(pool, "write", path=str(tmp_path / "new")).startswith("refused")
    for path in ("/etc/passwd", "/proc/1/environ", f"/proc/{os.getpid()}/environ", "/etc/hostname"):
        assert told(pool, "read", path=path).startswith("refused")
    assert secret.read_text() == "e2c569be"
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_links_and_dots_do_not_lead_outside(pool: WorkerPool, tmp_path: Path):
    tmp_path.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text("e2c569be")
    script = (
        "import os,sys\n"
        f"os.symlink({str(secret)!r}, 'link')\n"
        "for name in ('link', '../' * 12 + "
        f"{str(secret).lstrip('/')!r}):\n"
        "    try: print(open(name).read())\n"
        "    except OSError as e: print('refused', e.errno)\n"
        f"try: os.link({str(secret)!r}, 'hard'); print('linked')\n"
        "except OSError as e: print('refused', e.errno)\n"
    )
    out = told(pool, "python", script=script, given=[])
    assert out.count("refused") == 3
    assert "e2c569be" not in out


def test_the_environment_descriptors_and_modules_are_clean(pool: WorkerPool):
    facts = told(pool, "facts")
    assert "KERNELGEPA_PROBE_KEY" not in facts["environment"]
    assert "b1946ac9" not in json.dumps(facts)
    assert facts["environment"]["HOME"] == facts["cwd"] == facts["environment"]["TMPDIR"]
    assert len(facts["descriptors"]) <= 4
    assert not [m for m in facts["modules"] if m.startswith(("pytest", "_pytest", "litellm"))]
    if os.geteuid() == 0:
        assert facts["uid"] != 0


NETWORK = """
import socket, sys
port, abstract, path = int(given[0]), given[1], given[2]
def attempt(family, address, kind=socket.SOCK_STREAM):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(1)
            s.connect(address)
        return "connected"
    except (OSError, AttributeError) as error:
        return f"refused {getattr(error, 'errno', '')}"
print(attempt(socket.AF_INET, ("127.0.0.1", port)))
print(attempt(socket.AF_INET, ("127.0.0.1", port), socket.SOCK_DGRAM))
print(attempt(socket.AF_INET6, ("::1", port)))
print(attempt(socket.AF_UNIX, "\\0" + abstract))
print(attempt(socket.AF_UNIX, path))
print(attempt(getattr(socket, "AF_VSOCK", 40), (2, 1)))
print(attempt(getattr(socket, "AF_NETLINK", 16), (0, 0), socket.SOCK_RAW))
"""


def test_no_network_of_any_family_can_be_reached(pool: WorkerPool, tmp_path: Path):
    path = str(tmp_path / "socket")
    with (
        socket.socket(socket.AF_INET) as tcp,
        socket.socket(socket.AF_UNIX) as local,
        socket.socket(socket.AF_UNIX) as named,
    ):
        tcp.bind(("127.0.0.1", 0))
        abstract = f"kernelgepa-test-{os.getpid()}"
        local.bind("\0" + abstract)
        named.bind(path)
        for listening in (tcp, local, named):
            listening.listen(1)
        given = [str(tcp.getsockname()[1]), abstract, path]
        out = told(pool, "python", script=NETWORK, given=given)
    assert out.count("refused") == 7
    assert "connected" not in out


SYSCALLS = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for number in {numbers}:
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), -1, 0, 0, 0, 0)
    print(number, result, ctypes.get_errno())
"""
# ptrace, process_vm_readv, mount, unshare, setns, keyctl, bpf, perf_event_open, userfaultfd,
# io_uring_setup, memfd_create, open_by_handle_at, kexec_load, pidfd_getfd
NUMBERS = {
    "x86_64": (101, 310, 165, 272, 308, 250, 321, 298, 323, 425, 319, 304, 246, 438),
    "aarch64": (117, 270, 40, 97, 268, 219, 280, 241, 282, 425, 279, 265, 104, 438),
}


def test_kernel_interfaces_that_no_compiler_needs_are_closed(pool: WorkerPool):
    script = SYSCALLS.format(numbers=NUMBERS[os.uname().machine])
    out = told(pool, "python", script=script, given=[])
    rows = [line.split() for line in out.splitlines()]
    assert len(rows) == 14
    assert {(result, number) for _, result, number in rows} <= {("-1", "1"), ("-1", "38")}


def test_processes_outside_cannot_be_signalled(pool: WorkerPool):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]) as other:
        try:
            assert told(pool, "kill", pid=other.pid).startswith("refused")
            assert told(pool, "kill", pid=os.getpid()).startswith("refused")
            assert told(pool, "kill", pid=-1).startswith("refused")
            assert other.poll() is None
        finally:
            other.kill()


def test_a_fork_bomb_is_bounded_and_swept_up(pool: WorkerPool):
    assert told(pool, "big_answer", size=3) == "xxx"
    before = set(_descendants())
    outcome = ask(pool, "fork_bomb")
    assert outcome.status in ("ok", "out_of_memory"), outcome
    assert outcome.seconds < LIMITS.wall_seconds
    assert not outcome.payload or int(outcome.payload) < 5000
    deadline = time.monotonic() + 3
    while set(_descendants()) - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not set(_descendants()) - before


def _processes() -> list[int]:
    return [int(p) for p in os.listdir("/proc") if p.isdigit()]  # noqa: PTH208


def _descendants() -> list[int]:
    """Processes of this one's pools, down to any depth."""
    found, pending = [], [os.getpid()]
    parents = {pid: _parent(pid) for pid in _processes()}
    while pending:
        above = pending.pop()
        below = [pid for pid, parent in parents.items() if parent == above]
        pending += below
        found += [pid for pid in below if b"zygote.py" in _command(pid)]
    return found


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("hog", "out_of_memory"),
        ("grow", "out_of_memory"),
        ("spin", "timeout"),
        ("flood", "output_limit"),
        ("many_files", "output_limit"),
        ("abort", "crashed"),
        ("fail", "error"),
    ],
)
def test_misbehaviour_is_an_outcome_and_the_next_request_works(
    pool: WorkerPool, action: str, status: str
):
    started = time.monotonic()
    outcome = ask(pool, action)
    assert outcome.status == status, outcome
    assert not outcome.payload
    assert time.monotonic() - started < LIMITS.wall_seconds + 4
    assert told(pool, "big_answer", size=3) == "xxx"


def test_sleeping_ends_at_the_wall_clock(pool: WorkerPool):
    outcome = ask(pool, "sleep", seconds=60)
    assert outcome.status == "timeout"
    assert LIMITS.wall_seconds <= outcome.seconds < LIMITS.wall_seconds + 2


def test_a_file_cannot_grow_past_its_limit(pool: WorkerPool):
    outcome = ask(pool, "big_file")
    assert outcome.status == "output_limit" or b"refused" in outcome.payload


def test_a_daemon_does_not_outlive_its_request(pool: WorkerPool):
    assert ended(told(pool, "daemonise"))


def test_a_worker_is_disposable(pool: WorkerPool):
    first, second = told(pool, "facts"), told(pool, "facts")
    assert first["pid"] != second["pid"]
    assert first["cwd"] != second["cwd"]
    assert told(pool, "write", path="left") == "written"
    assert told(pool, "read", path="left").startswith("refused")
    assert not Path(first["cwd"]).exists()


def test_state_of_the_interpreter_does_not_survive_a_request():
    with WorkerPool(f"{HANDLERS}:remember") as pool:
        assert [pool.submit(b"x").payload for _ in range(3)] == [b"1", b"1", b"1"]


def test_jobs_of_other_requests_cannot_be_reached(pool: WorkerPool):
    with ThreadPoolExecutor(2) as threads:
        sleeper = threads.submit(ask, pool, "sleep", seconds=1.5)
        time.sleep(0.5)
        listing = "import os; print(os.listdir('..'))"
        out = told(
            pool, "python", script=f"try:\n {listing}\nexcept OSError: print('no')", given=[]
        )
        assert out == "no\n"
        assert sleeper.result().status == "ok"


def test_the_pool_survives_the_death_of_its_zygote():
    before = _zygotes()
    with WorkerPool(f"{HANDLERS}:upper") as pool:
        assert pool.submit(b"a").payload == b"A"
        for pid in _zygotes() - before:
            os.kill(pid, signal.SIGKILL)
        assert pool.submit(b"b").payload == b"B"


def _zygotes() -> set[int]:
    """Zygotes that this process started."""
    own = {pid for pid in _processes() if _parent(pid) == os.getpid()}
    return {pid for pid in own if b"zygote.py" in _command(pid)}


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


def test_closing_ends_every_process_and_removes_the_folders():
    before = _zygotes()
    pool = WorkerPool(f"{HANDLERS}:act", limits=LIMITS)
    facts = json.loads(pool.submit(b'{"do": "facts"}').payload)
    root = Path(facts["cwd"]).parent
    assert root.is_dir()
    assert len(_zygotes() - before) == 1
    pool.close()
    assert not root.exists()
    assert _zygotes() == before
    with pytest.raises(InfrastructureError, match="closed"):
        pool.submit(b"{}")


def test_a_pool_with_the_same_needs_takes_over_what_another_left():
    before, used = _zygotes(), []
    with open_sandbox(Choice("landlock")) as sandbox:
        for limits in (LIMITS, LIMITS, replace(LIMITS, wall_seconds=3.5), LIMITS):
            with sandbox.workers(f"{HANDLERS}:act", limits=limits) as pool:
                used.append(Path(told(pool, "facts")["cwd"]).parent)  # of its zygote
            with pytest.raises(InfrastructureError, match="closed"):
                pool.submit(b"x")
    assert used[0] == used[1] == used[3] != used[2]
    assert _zygotes() == before


def test_a_sandbox_holds_on_to_the_pools_that_are_open_only():
    before = _zygotes()
    with open_sandbox(Choice("landlock")) as sandbox:
        closed = sandbox.workers(f"{HANDLERS}:act", limits=LIMITS)
        closed.close()
        known = weakref.ref(closed)
        del closed
        left = sandbox.workers(f"{HANDLERS}:act", limits=LIMITS)
        assert told(left, "facts")["cwd"]
        gc.collect()
        assert known() is None
    assert _zygotes() == before
    with pytest.raises(InfrastructureError, match="closed"):
        left.submit(b"x")


def test_what_still_runs_in_a_closed_pool_ends_with_its_zygote():
    with open_sandbox(Choice("landlock")) as sandbox:
        before = _zygotes()
        pool = sandbox.workers(f"{HANDLERS}:act", limits=LIMITS)
        talk = pool.open()
        assert talk.ask(b'{"do": "facts"}').status == "ok"
        pool.close()
        assert _zygotes() == before
        with pytest.raises(InfrastructureError):
            talk.ask(b'{"do": "facts"}')


@pytest.mark.parametrize("handler", ["no_such_module_at_all:f", f"{HANDLERS}:missing"])
def test_a_handler_that_cannot_be_imported_is_our_own_failure(handler: str):
    with pytest.raises(InfrastructureError):
        pool = WorkerPool(handler)
        try:
            pool.submit(b"x")
        finally:
            pool.close()
