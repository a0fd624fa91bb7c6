"""ncu: what it prints, and programs of its name that refuse or answer, in a real sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.measured.machine import workers
from kernelgepa.measured.ncu import METRICS, Ncu, kernels
from kernelgepa.measured.seat import Seat
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.verdict import Hotspot, TimeProfile

NAMES = [
    "ID", "Process ID", "Kernel Name", "Context", "Stream", "Block Size", "Grid Size", "Device",
    "CC", "gpu__time_duration.sum", *METRICS,
]  # fmt: skip
UNITS = [*[""] * 9, "nsecond", "%", "%", "%", "register/thread", "byte/block", "byte/block", "", ""]


def launch(name: str, nanoseconds: str, *figures: str) -> list[str]:
    return [
        "0",
        "42",
        name,
        "1",
        "7",
        "(256, 1, 1)",
        "(1024, 2, 1)",
        "0",
        "9.0",
        nanoseconds,
        *figures,
    ]


def printed(*launches: list[str]) -> str:
    rows = [NAMES, UNITS, *launches]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    return f'==PROF== Connected to process 42\n==PROF== Profiling "k": 0%\n{text}\n'


PRINTED = printed(
    launch("void copy<float>(T1 *, int)", "2000", "5", "80.5", "60", "16", "0", "0", "0", "0"),
    launch("gemm(float *)", "1,500.5", "71", "n/a", "25", "255", "1,024", "512", "7", "5"),
    launch("void copy<float>(T1 *, int)", "1000", "4", "70", "50", "16", "0", "0", "0", "0"),
)
KNOWN = TimeProfile("torch.profiler", "", 1e-3, (Hotspot("k", 1.0, 1e-3, 1.0),))


def test_launches_of_a_kernel_are_one_row_with_the_figures_of_the_longest():
    copy, gemm = kernels(PRINTED)
    assert copy.name == "void copy<float>(T1 *, int)"
    assert copy.calls == 2 and copy.seconds == pytest.approx(3e-6)
    assert copy.figures["memory_throughput"] == 80.5 and copy.figures["sm_throughput"] == 5.0
    assert copy.grid == (1024, 2, 1) and copy.block == (256, 1, 1)
    assert gemm.seconds == pytest.approx(1.5005e-6)
    assert gemm.figures["shared_bytes"] == 1536.0 and gemm.figures["local_requests"] == 12.0
    assert "memory_throughput" not in gemm.figures


@pytest.mark.parametrize(
    "log",
    [
        "",
        "==WARNING== No kernels were profiled.\n",
        '"ID","Kernel Name"\n"",""\n"0","k"\n',
        PRINTED.partition('"0","42"')[0],
        '\0"\x00,,,\n"',
    ],
)
def test_what_is_no_table_of_kernels_is_nothing(log: str):
    assert kernels(log) == []


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox(Choice("landlock")) as made:
        yield made


def install(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program called ncu, found before any other."""
    path = folder / "ncu"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def profile(sandbox: Sandbox) -> TimeProfile:
    pool = workers(sandbox, "torch", "cpu")
    return Ncu(sandbox, "cuda:0").instead_of(KNOWN, Seat(pool, {"problem": "", "loader": ""}))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo '==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access NVIDIA "
            "GPU Performance Counters on the target device 0.'; exit 1",
            "ncu may not read the GPU's counters: ERR_NVGPUCTRPERM",
        ),
        (
            "echo '==ERROR== Failed to connect.' >&2; exit 9",
            "ncu fails: Failed to connect. (it ended with nonzero 9)",
        ),
        ("exit 0", "ncu fails: it ended with ok"),
    ],
)
def test_why_ncu_is_not_used_is_said(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
):
    install(tmp_path, script, monkeypatch)
    found = profile(sandbox)
    assert found.reason == reason
    assert (found.tool, found.rows) == (KNOWN.tool, KNOWN.rows)


def test_what_ncu_is_given_finds_torch_and_this_package(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Run without ncu on a device that no machine has: the last thing it can fail at."""
    install(
        tmp_path, 'while [ "$1" != --metrics ]; do shift; done; shift 2; exec "$@"', monkeypatch
    )
    refusal = Ncu(sandbox, "cuda:99").refusal()
    assert "nonzero 1" in refusal and "cuda" in refusal.lower() and "No module" not in refusal


def test_a_run_that_reads_no_counters_does_without(sandbox: Sandbox):
    seat = Seat(workers(sandbox, "torch", "cpu"), {})
    found = Ncu(sandbox, "cuda:0", wanted=False).instead_of(KNOWN, seat)
    assert found.reason.startswith("ncu is left out") and found.rows == KNOWN.rows


def test_where_it_may_its_counters_are_the_profile(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "printed").write_text(PRINTED)
    find = 'while [ "$1" != --log-file ]; do shift; done'
    install(tmp_path, f'{find}; cp "$(dirname "$0")/printed" "$2"', monkeypatch)
    found = profile(sandbox)
    assert found.tool == "ncu" and found.seconds == pytest.approx(4.5005e-6)
    assert [round(r.share, 2) for r in found.rows] == [0.67, 0.33]


def test_the_candidate_is_run_by_its_own_order(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The stand-in answers only where it finds the order of a candidate, or the probe."""
    (tmp_path / "printed").write_text(PRINTED)
    script = (
        'for word in "$@"; do last="$before"; before="$word"; done\n'
        '[ "$last" = probe ] || grep -q loader order.bin || exit 5\n'
        'while [ "$1" != --log-file ]; do shift; done\n'
        'cp "$(dirname "$0")/printed" "$2"'
    )
    install(tmp_path, script, monkeypatch)
    assert profile(sandbox).tool == "ncu"
