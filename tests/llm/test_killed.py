"""The whole program, killed while it asks a model, and resumed."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from kernelgepa.engine.journal import read
from kernelgepa.runs.view import view
from tests.llm.server import KEY, Asked, Reply, Server, serving
from tests.llm.test_optimize import READ, SAID, WRITTEN, block, called, everything_in, kernel

BUDGET, JOBS = 8, 4


def by_hash(asked: Asked) -> Reply:
    """The same prompt, the same answer: good kernels, wrong ones, and none."""
    number = int(hashlib.sha256(asked.prompt.encode()).hexdigest()[:8], 16)
    if number % 5 == 0:
        return SAID["prose"]
    step = 32 if number % 5 == 1 else 16  # 32 leaves every second block out
    source = kernel("__restrict" if number % 2 else "", step) + f"// {number}\n"
    return Reply(block(source, f"idea {number}"), pause=0.2)


def searching(out: Path, server: Server) -> list[str]:
    return [
        "optimize", "axpy_bf16", "--model", "openai/x", "--api-base", server.url,
        "--price-in", str(READ), "--price-out", str(WRITTEN), "--max-tokens", "2000",
        "--budget", str(BUDGET), "--usd", "5", "--out", str(out),
        "--secret-file", str(out.parent / "secret"),  # or inputs, and so prompts, differ
    ]  # fmt: skip


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", *words, "--no-cache", "--jobs", str(JOBS)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def decided(run: Path) -> list[object]:
    return [e["decision"] for e in read(run) if e["event"] == "decided"]


def outcome(run: Path) -> tuple[object, ...]:
    found = view(run)
    task = found.task("")
    front = [a.candidate.id for a in task.archive.front()]
    spend = found.spend
    counted = (spend.candidates, spend.calls, spend.tokens_in, spend.tokens_out, spend.usd)
    return front, list(task.entries), task.best.id, counted, dict(found.failures)


def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Nor does it matter that it asks for several at a time, and the other for one."""
    (tmp_path / "secret").write_bytes(bytes(range(32)))
    rng, whole, run = random.Random(JOBS), tmp_path / "whole", tmp_path / "run"
    with serving(by_hash) as server:
        assert called([*searching(whole, server), "--no-cache"]) == 0
        calls = len(server.asked)
        process = started(*searching(run, server))
        wanted = calls + rng.randrange(1, calls)
        while len(server.asked) < wanted and process.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        said = finished(started("resume", str(run)))
        assert decided(run) == decided(whole)
        assert outcome(run) == outcome(whole)
        lost = view(run).spend.lost
        assert lost <= JOBS
        assert len(server.asked) - calls <= calls + lost
    assert KEY not in said
    assert KEY.encode() not in everything_in(tmp_path)
