"""Ways to take more than allowed, or to reach out, that no single limit sees."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.protocols import Limits, WorkerOutcome
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.pool import WorkerPool

LIMITS = Limits(
    wall_seconds=10.0,
    cpu_seconds=8.0,
    memory_bytes=400 << 20,
    output_bytes=1 << 16,
    file_bytes=4 << 20,
    processes=16,
)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool("sandbox_handlers:act", jobs=1, limits=LIMITS) as made:
        yield made


def run(pool: WorkerPool, *lines: str, given: list[str] | None = None) -> WorkerOutcome:
    asked = {"do": "python", "script": "\n".join(lines), "given": given or []}
    outcome = pool.submit(json.dumps(asked).encode())
    assert pool.submit(b'{"do": "big_answer", "size": 3}').payload == b'"xxx"'
    return outcome


def test_memory_that_processes_share_counts(pool: WorkerPool):
    outcome = run(
        pool,
        "import mmap, os, time",
        "for _ in range(6):",
        "    if os.fork() == 0:",
        "        shared = mmap.mmap(-1, 200 << 20)",
        "        for _ in range(200): shared.write(b'1' * (1 << 20))",
        "        time.sleep(30); os._exit(0)",
        "time.sleep(30)",
    )
    assert outcome.status == "out_of_memory"


def test_memory_shared_by_all_counts_once(pool: WorkerPool):
    outcome = run(
        pool,
        "import mmap, os, time",
        "shared = mmap.mmap(-1, 90 << 20)",
        "for _ in range(90): shared.write(b'1' * (1 << 20))",
        "for _ in range(8):",
        "    if os.fork() == 0: shared[::4096]; time.sleep(0.5); os._exit(0)",
        "for _ in range(8): os.wait()",
    )
    assert outcome.status == "ok", outcome


@pytest.mark.parametrize("kept", ["file", "mmap.mmap(file.fileno(), 3 << 20)"])
def test_removed_files_count_while_they_are_held(pool: WorkerPool, kept: str):
    outcome = run(
        pool,
        "import mmap, os, time",
        "held = []",
        "for _ in range(100):",
        "    file = open('x', 'w+b', buffering=0); file.write(b'1' * (3 << 20)); os.unlink('x')",
        f"    held.append({kept})",
        "time.sleep(30)",
    )
    assert outcome.status == "output_limit"


def test_a_process_cannot_hide_its_descriptors_from_the_supervisor(pool: WorkerPool):
    outcome = run(pool, "import ctypes", "print(ctypes.CDLL(None).prctl(4, 0, 0, 0, 0))")
    assert json.loads(outcome.payload) == "-1\n"


def test_a_deep_tree_of_folders_ends_the_job_and_is_removed(monkeypatch: pytest.MonkeyPatch):
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    dig = ["import os, time", "for _ in range(2200): os.mkdir('d'); os.chdir('d')"]
    with WorkerPool("sandbox_handlers:act", limits=LIMITS) as pool:
        assert run(pool, *dig, "time.sleep(30)").status == "output_limit"
        assert run(pool, *dig, "os._exit(3)").status in ("crashed", "output_limit")
    assert not list(folder.iterdir())
    folder.rmdir()


def test_a_tree_is_removed_whatever_it_is(tmp_path: Path):
    outside = tmp_path / "outside"
    outside.write_text("stays")
    root = tmp_path / "root"
    root.mkdir()
    program = (
        "import os\n"
        f"os.chdir({str(root)!r})\n"
        f"os.symlink({str(tmp_path)!r}, 'link'); os.link({str(outside)!r}, 'hard')\n"
        "os.mkdir(b'\\xff\\xfe'); os.mkdir('shut'); open('shut/f', 'w').close()\n"
        "os.chmod('shut', 0)\n"
        "for depth in range(2200):\n"  # deeper than a path may be long
        "    os.mkdir('d')\n"
        "    if depth % 20 == 0: os.mkdir('e'); open('f', 'w').close()\n"
        "    os.chdir('d')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    subprocess.run([*harness.program("trees.py"), str(root)], check=True)
    assert not root.exists()
    assert outside.read_text() == "stays"


def test_nothing_is_sent_to_sockets_outside(pool: WorkerPool, tmp_path: Path):
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as by_path,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as by_name,
    ):
        tmp_path.chmod(0o777)
        path, name = str(tmp_path / "log"), f"\0kernelgepa-{os.getpid()}"
        by_path.bind(path)
        (tmp_path / "log").chmod(0o777)
        by_name.bind(name)
        outcome = run(
            pool,
            "import socket",
            "for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_DGRAM | 0x80000,",
            "             socket.SOCK_STREAM, socket.SOCK_SEQPACKET):",
            "    for to in given:",
            "        try: socket.socketpair(socket.AF_UNIX, kind)[0].sendto(b'forged', to)",
            "        except OSError: print('refused')",
            given=[path, name],
        )
        assert json.loads(outcome.payload).count("refused") == 10
        for outside in (by_path, by_name):
            outside.setblocking(False)
            with pytest.raises(BlockingIOError):
                outside.recv(100)


def test_what_a_worker_says_holds_nothing_a_terminal_obeys(pool: WorkerPool):
    outcome = run(pool, r"raise ValueError('\x1b[2J\x1b]0;title\x07\u202e\x9b1A end')")
    assert outcome.status == "error"
    assert "end" in outcome.detail
    assert all(line.isprintable() for line in outcome.detail.split("\n"))


def test_sockets_count_once_with_all_they_may_hold(pool: WorkerPool):
    many = "pairs = [socket.socketpair() for _ in range(100)]"
    shared = run(pool, "import os, socket, time", many, "os.fork(); time.sleep(0.3)")
    assert shared.status == "ok", shared
    each = run(
        pool,
        "import os, socket, time",
        "for _ in range(6):",
        f"    if os.fork() == 0: {many}; time.sleep(30)",
        "time.sleep(30)",
    )
    assert each.status == "out_of_memory"
