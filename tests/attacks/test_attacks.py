"""Kernels written to break the compiler, the tile, the price or the host, through the real pool.

Each must end in time and as the table says, tell nothing of the host, and leave the next
evaluation unharmed.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import statistics
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.home import cache_home
from kernelgepa.npu import toolchain
from kernelgepa.npu.target import NpuSim
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Diagnostic, Stage, Verdict, WorkloadVerdict
from tests.feedback.telling import fits, told

sys.path.insert(0, str(Path(__file__).parent))

from generated import COPY, GENERATED, HEADER

HERE = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((HERE / "expected.toml").read_text())
SECONDS = 20.0
JOBS = 2
EVERY = 8  # an honest kernel runs after this many attacks
INTERFACE = Interface("k", (Parameter("in", "in", "int8"), Parameter("out", "out", "int8")))
DATA = bytes((7 * i + 3) % 64 for i in range(64))
CASE = Case("one", {"in": DATA}, {"out": 64}, {}, profile=True)


@dataclass(frozen=True)
class Bait:
    """What lies on the host to be stolen."""

    secret: Path
    home: Path
    words: tuple[str, ...]  # none of them may be told


@dataclass(frozen=True)
class Run:
    source: str
    execution: Execution
    seconds: float

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [
            *self.execution.diagnostics,
            *(d for c in self.execution.cases for d in c.diagnostics),
        ]

    @property
    def copies(self) -> bool:
        return self.execution.cases[0].outputs == {"out": DATA}


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bait]:
    folder = tmp_path_factory.mktemp("host")
    stolen = (
        "7f4a1c9e-secret-of-a-file",
        "55d0b6aa-secret-of-the-home",
        "c3e9d2f1-secret-variable",
    )
    secret, home = folder / "secret.txt", folder / "home"
    home.mkdir()
    secret.write_text(stolen[0])
    (home / ".secret").write_text(stolen[1])
    cache = str(cache_home().parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", cache)
        patch.setenv("HOME", str(home))
        patch.setenv("KERNELGEPA_PROBE_KEY", stolen[2])
        patch.setenv("OPENAI_API_KEY", stolen[2])
        places = (folder, HERE.parents[1], Path(sys.prefix), toolchain.zig().parent, cache)
        yield Bait(
            secret,
            home,
            (
                *stolen,
                *(str(place) for place in places),
                str(toolchain.aie()),
                Path("/etc/passwd").read_text().splitlines()[0],
                socket.gethostname(),
                getpass.getuser(),
            ),
        )


def _text(name: str, bait: Bait) -> str:
    if name in GENERATED:
        return GENERATED[name]
    raw = (HERE / "kernels" / f"{name}.cc").read_text()
    return raw.replace("@SECRET@", str(bait.secret)).replace("@HOME@", str(bait.home))


class Runner:
    """Sends attacks to one pool as they are asked for, and honest kernels between them."""

    def __init__(self, target: NpuSim, threads: ThreadPoolExecutor, bait: Bait) -> None:
        self._target, self._threads, self._bait = target, threads, bait
        self._runs: dict[str, Future[Run]] = {}
        self.honest: list[Future[Run]] = []

    def start(self, names: list[str]) -> None:
        for count, name in enumerate(names, 1):
            self._runs[name] = self._threads.submit(self._one, _text(name, self._bait))
            if count % EVERY == 0:
                self.honest.append(self._threads.submit(self._one, HEADER + COPY))

    def run(self, name: str) -> Run:
        if name not in self._runs:
            self.start([name])
        return self._runs[name].result()

    def run_honest(self) -> Run:
        return self._one(HEADER + COPY)

    def finished(self) -> list[Run]:
        """All that has been asked for, ended."""
        return [run.result() for run in self._runs.values()] or [self.run_honest()]

    def _one(self, source: str) -> Run:
        try:
            candidate = Candidate.kernel(source)
        except UnicodeEncodeError:
            candidate = Candidate.kernel(source.encode("utf-8", "replace").decode())
        started = time.monotonic()
        execution = self._target.execute(candidate, INTERFACE, [CASE])
        return Run(source, execution, time.monotonic() - started)


@pytest.fixture(scope="module")
def runner(bait: Bait, request: pytest.FixtureRequest) -> Iterator[Runner]:
    wanted = [
        item.callspec.params["name"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.fspath == request.path
        and hasattr(item, "callspec")
    ]
    with NpuSim(jobs=JOBS) as target, ThreadPoolExecutor(JOBS) as threads:
        made = Runner(target, threads, bait)
        if "PYTEST_XDIST_WORKER" not in os.environ:  # there, every process would start all of them
            made.start(list(dict.fromkeys(wanted)))
        yield made


def test_every_attack_has_an_expected_end():
    kernels = {path.stem for path in (HERE / "kernels").glob("*.cc")}
    assert kernels | set(GENERATED) == set(EXPECTED)
    assert not kernels & set(GENERATED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_attack_ends_as_expected_and_tells_nothing_of_the_host(
    name: str, runner: Runner, bait: Bait
):
    run, expected = runner.run(name), EXPECTED[name]
    assert run.seconds < SECONDS
    assert run.execution.stage.name == expected["stage"], run.diagnostics
    errors = [d for d in run.diagnostics if d.severity == "error"]
    assert bool(errors) == (run.execution.stage is not Stage.COMPARE)
    if "code" in expected:
        codes = expected["code"]  # several where it depends on the machine which bound is met
        assert errors[0].code in ([codes] if isinstance(codes, str) else codes), errors
    assert expected.get("words", "") in " ".join(d.message for d in errors)
    if "copies" in expected:
        assert run.copies == expected["copies"]
    _tells_nothing(run, bait)
    _is_told_within_bounds(run)


def _is_told_within_bounds(run: Run) -> None:
    """Where the judge has not the last word: what a kernel wrote is compared."""
    if run.diagnostics:
        traps = tuple(d for c in run.execution.cases for d in c.diagnostics)
        workload = WorkloadVerdict("one", run.execution.stage, 0.0, traps)
        task = tasks.load("relu_i8")
        verdict = Verdict("x", task.name, (workload,), run.execution.diagnostics)
        fits(told(task, verdict), run.source)


def _tells_nothing(run: Run, bait: Bait) -> None:
    shown = " ".join(f"{d.message} {d.source} {d.code}" for d in run.diagnostics)
    assert shown.isprintable()  # nothing a terminal obeys
    left = b" ".join(out for c in run.execution.cases for out in c.outputs.values())
    for word in bait.words:
        if word not in run.source:
            assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", shown)
            assert len(word) < 8 or word.encode()[:16] not in left


@pytest.mark.parametrize("name", sorted(n for n, e in EXPECTED.items() if e.get("copies")))
def test_a_trick_on_the_price_does_not_make_the_same_work_cheaper(name: str, runner: Runner):
    honest, tricked = runner.run_honest(), runner.run(name)
    cycles = [run.execution.cases[0].profile for run in (honest, tricked)]
    assert cycles[0] is not None
    assert cycles[1] is not None
    assert cycles[1].cycles >= cycles[0].cycles


def test_honest_kernels_between_and_after_the_attacks_compute(runner: Runner):
    runner.finished()
    runs = [run.result() for run in runner.honest] + [runner.run_honest() for _ in range(2)]
    assert all(run.execution.stage is Stage.COMPARE and run.copies for run in runs)
    assert not [d for run in runs for d in run.diagnostics]


def test_most_attacks_end_at_once(runner: Runner):
    seconds = [run.seconds for run in runner.finished()]
    assert statistics.median(seconds) < SECONDS / 8


def test_nothing_is_left_of_the_attacks_in_the_scratch_folder_or_among_the_processes(
    runner: Runner, bait: Bait
):
    runner.finished()
    assert bait.secret.read_text().startswith("7f4a1c9e")
    assert sorted(p.name for p in bait.secret.parent.iterdir()) == ["home", "secret.txt"]
    assert [p.name for p in bait.home.iterdir()] == [".secret"]
