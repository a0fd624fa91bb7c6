"""A judge as it is commonly written, and as it must not be: what every hostile candidate fools.

The candidate is imported where the expected values are, seeds are fixed, tolerances are wide,
timed outputs are not looked at, and one set of inputs is used for all timed calls. Each option
of `Habits` is a habit seen in such judges. A judgement runs in a process of its own, forked from
one that has imported torch:

    python naive.py       reads jobs from standard input and writes answers, one JSON text a line
"""

from __future__ import annotations

import json
import os
import pickle
import re
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

SEED = 42
TRIALS = 3
WARM = 3
TIMED = 7
SECONDS = 60.0
_SCAN = re.compile(
    r"try:|except|\bpass\b|super\(\)\.forward|allclose|perf_counter|gc\.|_getframe|Model\.|"
    r"\bexec\b|\beval\b|\bThread\b|\bsubprocess\b|torch\.matmul|F\.softmax"
)


@dataclass(frozen=True)
class Habits:
    baseline: str = "same"  # timed after the candidate, or "stored": before it was loaded
    compare: str = "allclose"  # or "difference", "formula"
    channel: str = "stdout"  # or "descriptor": an inherited one
    transport: str = "direct"  # or "pickle": answers travel as pickles
    scan: bool = False  # refuses what looks like a trick
    tolerance: float = 1e-2
    device: str = "cpu"


@dataclass(frozen=True)
class Finding:
    correct: bool = False
    speedup: float = 0.0
    detail: str = ""


@dataclass(frozen=True)
class Job:
    problem: str
    candidate: str
    habits: Habits = field(default_factory=Habits)
    build: str = ""  # folder where candidates keep what they compile, shared by all of them
    timed: bool = True  # else nothing is said of its speed


def judge(job: Job, report: Callable[[Finding], None]) -> None:
    """Judges in this very process, which is the fault."""
    habits, names = job.habits, {"__name__": "problem"}
    if habits.scan and _SCAN.search(job.candidate):
        report(Finding(detail="refused by the scan"))
        return
    torch.set_num_threads(1)
    exec(job.problem, names)
    before = 0.0
    if job.timed:
        before = measure(make(names, "Model", habits), make_inputs(names, habits), habits)
    load(job.candidate, names)
    model, new = make(names, "Model", habits), make(names, "ModelNew", habits)
    torch.manual_seed(SEED)
    seeds = [int(s) for s in torch.randint(0, 2**31, (TRIALS,))]
    for seed in seeds:
        inputs = make_inputs(names, habits, seed)
        want = on_host(model(*inputs))
        got = new(*inputs)
        if habits.transport == "pickle":
            got = pickle.loads(pickle.dumps(got))
        if not same(want, got, habits):
            report(Finding(detail=f"wrong values with seed {seed}"))
            return
    if not job.timed:
        report(Finding(True))
        return
    inputs = make_inputs(names, habits)
    seconds = measure(new, inputs, habits)
    if habits.baseline == "same":
        before = measure(model, inputs, habits)
    report(Finding(True, before / max(seconds, 1e-9)))


def load(code: str, names: dict[str, Any]) -> None:
    """From a file, for those who look at their own source."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
        file.write(code)
    exec(compile(code, file.name, "exec"), names)


def make(names: dict[str, Any], kind: str, habits: Habits) -> Any:
    torch.manual_seed(SEED)
    model = names[kind](*names["get_init_inputs"]())
    return model.to(habits.device) if habits.device != "cpu" else model


def make_inputs(names: dict[str, Any], habits: Habits, seed: int = SEED) -> list[Any]:
    torch.manual_seed(seed)
    return [x.to(habits.device) if torch.is_tensor(x) else x for x in names["get_inputs"]()]


def on_host(out: torch.Tensor) -> torch.Tensor:
    return out.detach().cpu().double()


def same(want: torch.Tensor, got: torch.Tensor, habits: Habits) -> bool:
    if habits.transport == "direct" and habits.compare == "allclose":
        got = on_host(got)
    bound = habits.tolerance
    if habits.compare == "difference":
        return not float((want - got).abs().max()) > bound
    if habits.compare == "formula":
        return bool(((want - got).abs() <= bound + bound * got.abs()).all())
    return torch.allclose(want, got.double(), atol=bound, rtol=bound)


def measure(model: Any, inputs: list[Any], habits: Habits) -> float:
    """The shortest of a few calls, in seconds."""
    times = []
    with torch.no_grad():
        for _ in range(WARM):
            model(*inputs)
        for _ in range(TIMED):
            times.append(one_time(model, inputs, habits))
    return min(times)


def one_time(model: Any, inputs: list[Any], habits: Habits) -> float:
    if habits.device == "cpu":
        start = time.perf_counter()
        model(*inputs)
        return time.perf_counter() - start
    flush = torch.empty(256 << 20, dtype=torch.int8, device=habits.device)
    flush.zero_()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    model(*inputs)
    end.record()
    end.synchronize()
    return float(start.elapsed_time(end)) / 1e3


def child(job: Job, out: int) -> None:
    """Never returns. What it says on its channel is taken for the result."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.dup2(out, 1)
    os.closerange(3, 256)
    speak = os.dup(1)
    if job.habits.channel == "descriptor":
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ["KERNEL_BUILD_DIR"] = job.build

    def report(finding: Finding) -> None:
        os.write(speak, f"RESULT {json.dumps(asdict(finding))}\n".encode())

    code = 0
    try:
        judge(job, report)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        report(Finding(detail=traceback.format_exc()[-600:]))
    sys.stdout.flush()
    os._exit(code)


def run(job: Job) -> Finding:
    """Judges in a process forked from this one, and ends all that it started."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        if not (process := os.fork()):
            child(job, out.fileno())
        status = wait(process)
        seconds = time.monotonic() - started
        out.seek(0)
        said = out.read(1 << 20).decode(errors="replace")
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    if lines:
        return Finding(**json.loads(lines[-1].removeprefix("RESULT ")))
    if status == 0:  # nothing was raised, so all checks must have passed
        return Finding(True, 0.0, f"ended well after {seconds:.2f} s")
    return Finding(detail=f"ended with status {status}")


def wait(process: int) -> int | None:
    watched = os.pidfd_open(process)
    ready, _, _ = select.select([watched], [], [], SECONDS)
    os.close(watched)
    if not ready:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        ready = ready or []
    return os.waitstatus_to_exitcode(status) if ready else None


def serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    with tempfile.TemporaryDirectory() as place:
        os.environ["TMPDIR"] = tempfile.tempdir = str(Path(place))
        for line in sys.stdin:
            job = json.loads(line)
            found = run(Job(**{**job, "habits": Habits(**job["habits"])}))
            print(json.dumps(asdict(found)), file=answers, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve()
