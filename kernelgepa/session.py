"""Puts the parts together: task, target, judge, evaluator, feedback, proposer, journal, loop."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kernelgepa.cache import VerdictCache
from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.evaluator import Evaluator
from kernelgepa.feedback import KernelFeedback
from kernelgepa.journal import VERSION, Journal
from kernelgepa.judge.judge import KernelJudge, Policy
from kernelgepa.judge.secret import Secret
from kernelgepa.loop import Result, Step, run
from kernelgepa.npu.target import NpuSim
from kernelgepa.playbook import Playbook
from kernelgepa.protocols import Attempt, Proposer, Target
from kernelgepa.serial import to_plain
from kernelgepa.task import Task
from kernelgepa.tasks import Start, load
from kernelgepa.verdict import Verdict

SOURCE_BYTES = 1 << 20  # most of a kernel's text that is read
ProposerName = Literal["playbook"]
_PROPOSERS: dict[str, Callable[[], Proposer]] = {"playbook": Playbook}


@dataclass(frozen=True)
class Settings:
    """How a run is made; all of it is recorded in its journal."""

    proposer: ProposerName = "playbook"
    budget: int = 20  # evaluations beside the seed's
    start: Start = "canonical"
    policy: Policy = "strict"
    jobs: int = 1
    random_seed: int = 0
    secret_file: Path | None = None
    cache: bool = True


@contextmanager
def target_of(task: Task, jobs: int = 1) -> Iterator[Target]:
    """The target a task names. Raises InputError where there is none of that name."""
    if task.target != NpuSim.name:
        raise InputError(f"task {task.name}: unknown target {task.target!r}, expected npu-sim")
    with NpuSim(jobs) as target:
        yield target


def optimize(
    task: str | Task,
    settings: Settings | None = None,
    out: Path | None = None,
    watch: Callable[[Step], None] = lambda step: None,
) -> Result:
    """Optimises a task and leaves journal, front and best kernel in `out`.

    `out` is by default runs/TASK-DATE, made new. Raises InputError and InfrastructureError.
    """
    chosen = settings or Settings()
    if chosen.budget < 1:
        raise InputError(f"budget {chosen.budget}: expected at least 1 evaluation")
    if chosen.proposer not in _PROPOSERS:
        raise InputError(f"unknown proposer {chosen.proposer!r}; there is: {', '.join(_PROPOSERS)}")
    chosen_task = load(task, chosen.start) if isinstance(task, str) else task
    folder = out or new_folder(chosen_task.name)
    secret = Secret.read(chosen.secret_file) if chosen.secret_file else Secret.new()
    with target_of(chosen_task, chosen.jobs) as target, Journal(folder) as journal:
        judge = KernelJudge(target, chosen.policy, secret)
        evaluator = Evaluator(judge, VerdictCache() if chosen.cache else None, chosen.jobs)
        journal.append(
            "start",
            version=VERSION,
            task=chosen_task.name,
            origin=chosen_task.origin,
            digest=chosen_task.digest,
            start=chosen.start,
            policy=chosen.policy,
            proposer=chosen.proposer,
            budget=chosen.budget,
            random_seed=chosen.random_seed,
            secret=judge.fingerprint(),
            versions=dict(judge.versions()),
        )
        seed = Candidate.kernel(chosen_task.seeds[chosen.start])
        result = run(
            chosen_task,
            seed,
            _PROPOSERS[chosen.proposer](),
            KernelFeedback(),
            evaluator,
            journal,
            chosen.budget,
            chosen.random_seed,
            watch,
        )
        _write(folder, result, chosen)
    return result


def evaluate(
    task: str | Task, source: str, policy: Policy = "strict", secret_file: Path | None = None
) -> Verdict:
    """The verdict on one kernel over all workloads of a task, hidden ones too; never cached."""
    chosen_task = load(task) if isinstance(task, str) else task
    secret = Secret.read(secret_file) if secret_file else Secret.new()
    with target_of(chosen_task) as target:
        return KernelJudge(target, policy, secret).whole(chosen_task, Candidate.kernel(source))


def read_source(path: Path) -> str:
    """A kernel's text. Raises InputError."""
    wanted = "expected a C++ source file"
    try:
        with path.open("rb") as file:
            raw = file.read(SOURCE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read the kernel {path}: {error.strerror}; {wanted}") from error
    if len(raw) > SOURCE_BYTES:
        raise InputError(f"the kernel {path} has more than {SOURCE_BYTES:,} bytes; {wanted}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the kernel {path} is not UTF-8 text (byte {error.start}); {wanted}"
        ) from error
    if "\0" in text or not text.strip():
        found = "holds a NUL byte" if "\0" in text else "is empty"
        raise InputError(f"the kernel {path} {found}; {wanted}")
    return text.replace("\r\n", "\n")


def new_folder(name: str) -> Path:
    """Makes runs/NAME-DATE. Raises InputError where it cannot be made."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    root = Path("runs")
    for number in range(1, 1000):
        folder = root / (f"{name}-{stamp}" + (f"-{number}" if number > 1 else ""))
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(
                f"cannot make the run directory {folder}: {error.strerror}; choose one with --out"
            ) from error
        return folder
    raise InputError(f"no free name for a run directory in {root}; choose one with --out")


def _write(folder: Path, result: Result, settings: Settings) -> None:
    """best/kernel.cc, every kernel of the front, and result.json."""
    for name, attempt in [("best", result.best), *((a.candidate.id, a) for a in result.front)]:
        place = folder / (name if name == "best" else f"front/{name}")
        place.mkdir(parents=True, exist_ok=True)
        (place / "kernel.cc").write_text(attempt.candidate.source, encoding="utf-8")
        (place / "verdict.json").write_text(_json(attempt.verdict.to_json()), encoding="utf-8")
    (folder / "result.json").write_text(_json(summary(result, settings)), encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def summary(result: Result, settings: Settings) -> dict[str, Any]:
    """What a run found, as a JSON object; cycles are modelled."""
    return {
        "task": result.task.name,
        "origin": result.task.origin,
        "start": settings.start,
        "policy": settings.policy,
        "proposer": settings.proposer,
        "budget": settings.budget,
        "correct": result.best.verdict.correct,
        "confirmed": result.confirmed,
        "speedup": {"value": result.speedup, "tag": "modelled"},
        "seed": _cycles(result.seed),
        "best": _cycles(result.best),
        "front": [_cycles(a) for a in result.front],
        "evaluations": len(result.attempts),
        "versions": to_plain(result.seed.verdict.versions),
    }


def _cycles(attempt: Attempt) -> dict[str, Any]:
    return {
        "candidate": attempt.candidate.id,
        "origin": attempt.candidate.origin,
        "correct": attempt.verdict.correct,
        "cycles": {w.workload: to_plain(w.cost) for w in attempt.verdict.workloads},
    }
