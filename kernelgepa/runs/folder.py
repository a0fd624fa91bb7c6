"""Making a run's directory, and the readable files in it. None of them is read back."""

from __future__ import annotations

import contextlib
import json
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.engine.journal import EVENTS
from kernelgepa.engine.result import Result, Step
from kernelgepa.errors import InputError
from kernelgepa.runs.plain import summary, verdict_text
from kernelgepa.runs.settings import Settings

SUFFIXES: Mapping[str, str] = {
    "npu-sim": ".cc", "cuda": ".cu", "torch": ".py", "triton": ".py",
}  # fmt: skip
OTHERS: Mapping[str, str] = {"launch": ".toml"}  # components beside the kernel


@contextmanager
def run_folder(name: str, out: Path | None) -> Iterator[Path]:
    """The directory of a new run, `out` or runs/NAME-DATE, made if need be; one that was made goes
    again where what is inside ends before a run has begun in it.

    Raises InputError where it cannot be made, or holds a run.
    """
    made = out is None or not out.exists()
    folder = _new(name) if out is None else _chosen(out)
    try:
        yield folder
    except BaseException:
        if made and not has_begun(folder):
            with contextlib.suppress(OSError):
                (folder / EVENTS).unlink(missing_ok=True)
                folder.rmdir()
        raise


def has_begun(folder: Path) -> bool:
    """Whether there is a run in it that can go on."""
    try:
        return (folder / EVENTS).stat().st_size > 0
    except OSError:
        return False


def _new(name: str) -> Path:
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


def _chosen(out: Path) -> Path:
    if has_begun(out):
        raise InputError(
            f"{out} already holds a run; go on with it by `kernelgepa resume "
            f"{shlex.quote(str(out))}`, or choose a new directory with --out"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the run directory {out}: {error.strerror}; choose another with --out"
        ) from error
    return out


def write(place: Path, candidate: Candidate, target: str) -> list[Path]:
    """One file a component. The paths written."""
    place.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in candidate.components.items():
        suffix = SUFFIXES.get(target, ".txt") if name == KERNEL else OTHERS.get(name, ".txt")
        made.append(place / f"{name}{suffix}")
        made[-1].write_text(text, encoding="utf-8")
    return made


class Files:
    """Writes candidates/ID as steps are folded, and best/ and result.json at the end."""

    def __init__(self, folder: Path, targets: Mapping[str, str]) -> None:
        self._folder, self._targets = folder, targets

    def step(self, done: Step) -> None:
        """The candidate of a step and the verdict on it."""
        if done.attempt is None:
            return
        place = self._folder / "candidates" / done.attempt.candidate.id
        if done.replayed and place.exists():
            return
        write(place, done.attempt.candidate, self._targets[done.outcome.decision.task])
        (place / "verdict.txt").write_text(verdict_text(done.attempt), encoding="utf-8")

    def end(self, result: Result, settings: Settings) -> None:
        """The best of every task, and what the run found."""
        for name, found in result.tasks.items():
            place = self._folder / "best"
            if len(result.tasks) > 1:
                place /= name
            write(place, found.best.candidate, found.task.target)
            text = json_text(found.best.verdict.to_json())
            (place / "verdict.json").write_text(text, encoding="utf-8")
        text = json_text(summary(result, settings))
        (self._folder / "result.json").write_text(text, encoding="utf-8")


def json_text(value: Any) -> str:
    """As files of a run and of an export have it: sorted, the same for equal values."""
    return json.dumps(value, indent=1, sort_keys=True) + "\n"
