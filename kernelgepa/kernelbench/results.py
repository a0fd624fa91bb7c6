"""Run directories as KernelBench's scripts write and read them, one a level.

    runs/NAME_level1/level_1_problem_19_sample_0_kernel.py
    runs/NAME_level1/eval_results.json   {"19": [{sample_id, compiled, correctness, ...}]}

Source: scripts/eval_from_generations.py and scripts/benchmark_eval_analysis.py of
github.com/ScalingIntelligence/KernelBench. Their analysis takes sample 0 of each problem, and pairs
results with baselines by position: files are in the order of problem numbers, and `complete` adds
an entry for problems without one. One process writes a file; others may read it at any time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import files

RESULTS = "eval_results.json"
OURS = "kernelgepa"  # the key under which an entry holds what theirs has no place for
_WHAT = 'results of KernelBench, {"19": [{"sample_id": 0, ...}]}'
_KERNEL = re.compile(r"level_(\d+)_problem_(\d+)_sample_(\d+)_kernel\.py", re.ASCII)
_KEYS = ("sample_id", "compiled", "correctness", "metadata", "runtime", "runtime_stats")


@dataclass(frozen=True)
class Sample:
    """One kernel's result. `runtime` is in milliseconds, -1 where it is not correct."""

    sample_id: int
    compiled: bool
    correctness: bool
    runtime: float = -1.0
    runtime_stats: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)  # further keys; ours is "kernelgepa"

    def plain(self) -> dict[str, Any]:
        """As it is written. Raises ValueError where it contradicts itself or is no JSON (NaN)."""
        timed = math.isfinite(self.runtime) and self.runtime > 0
        if self.correctness and not (self.compiled and timed):
            raise ValueError("a correct sample has compiled and has a runtime above 0")
        if not self.correctness and self.runtime != -1:
            raise ValueError("the runtime of a sample that is not correct is -1")
        if clash := sorted(set(self.extra) & set(_KEYS)):
            raise ValueError(f"extra keys are none of KernelBench's: {', '.join(clash)}")
        json.dumps(self.as_read(), allow_nan=False)
        return self.as_read()

    def as_read(self) -> dict[str, Any]:
        """As it is, also where another program wrote it otherwise than `plain` would."""
        own = {k: getattr(self, k) for k in _KEYS}
        plain = {k: dict(v) if isinstance(v, Mapping) else v for k, v in own.items()}
        return {**plain, **self.extra}

    @property
    def filler(self) -> bool:
        """Whether it only stands for a problem that was never judged."""
        ours = self.extra.get(OURS)
        return isinstance(ours, Mapping) and ours.get("judged") is False


Results = Mapping[int, tuple[Sample, ...]]  # problem's number -> samples by their numbers


@dataclass(frozen=True)
class KernelFile:
    """A kernel found in a run directory."""

    level: int
    problem_id: int
    sample_id: int
    path: Path


def directory(runs: Path, name: str, level: int) -> Path:
    """The run directory of one level. Raises InputError for a name that is none."""
    return runs / f"{files.plain_name(name, 'the name of a run')}_level{level}"


def kernel_path(run: Path, level: int, problem_id: int, sample_id: int) -> Path:
    """Where a kernel lies in a run directory."""
    return run / f"level_{level}_problem_{problem_id}_sample_{sample_id}_kernel.py"


def write_kernel(run: Path, level: int, problem_id: int, sample_id: int, source: str) -> Path:
    """Writes a kernel, whole or not at all. Raises InputError."""
    path = kernel_path(run, level, problem_id, sample_id)
    files.write_text(path, source)
    return path


def kernels(run: Path) -> list[KernelFile]:
    """The kernels in a run directory, sorted. Raises InputError where there is no directory."""
    if not run.is_dir():
        raise InputError(f"{run} is no directory; expected one with level_1_problem_19_... files")
    found = []
    for path in run.iterdir():
        if match := _KERNEL.fullmatch(path.name):
            level, problem, sample = map(int, match.groups())
            found.append(KernelFile(level, problem, sample, path))
    return sorted(found, key=lambda k: (k.level, k.problem_id, k.sample_id))


def read(run: Path) -> Results:
    """The results in a run directory, none where there is no file yet. Raises InputError."""
    path = run / RESULTS
    made = {}
    for key, entries in files.read(path, _WHAT).items():
        if not re.fullmatch(r"[0-9]{1,9}", key, re.ASCII):
            raise InputError(f"{path}: expected {_WHAT}, found the key {key!r}")
        listed = entries if isinstance(entries, list) else [entries]  # one was written bare once
        samples = [_sample(path, key, entry) for entry in listed]
        numbers = [s.sample_id for s in samples]
        if len(set(numbers)) < len(numbers):
            raise InputError(f"{path}: problem {key} has the same sample_id twice")
        made[int(key)] = tuple(sorted(samples, key=lambda s: s.sample_id))
    return dict(sorted(made.items()))


def merge(run: Path, new: Mapping[int, Iterable[Sample]]) -> Results:
    """Adds samples to what is there; one of the same number is replaced. Returns all of them.

    Raises InputError where the file there cannot be read or written: it is then left as it is.
    """
    kept = {number: {s.sample_id: s for s in samples} for number, samples in read(run).items()}
    for number, samples in new.items():
        kept.setdefault(number, {}).update({s.sample_id: s for s in samples})
    made = {
        number: tuple(samples[i] for i in sorted(samples))
        for number, samples in sorted(kept.items())
        if samples
    }
    fresh = {(n, s.sample_id) for n, samples in new.items() for s in samples}
    plain = {
        str(number): [s.plain() if (number, s.sample_id) in fresh else s.as_read() for s in samples]
        for number, samples in made.items()
    }
    files.write(run / RESULTS, plain)
    return made


def complete(run: Path, problem_ids: Iterable[int]) -> Results:
    """At the end of a run: an entry for each problem that has no sample 0, marked as not judged."""
    there = read(run)
    lacking = [i for i in problem_ids if all(s.sample_id for s in there.get(i, ()))]
    filler = Sample(0, False, False, extra={OURS: {"judged": False}})
    return merge(run, {number: [filler] for number in lacking})


def judged(results: Results) -> frozenset[tuple[int, int]]:
    """(problem, sample) of everything that need not be judged again when a run is resumed."""
    return frozenset(
        (number, s.sample_id)
        for number, samples in results.items()
        for s in samples
        if not s.filler
    )


def _sample(path: Path, key: str, entry: object) -> Sample:
    where = f"{path}: problem {key}"
    if not isinstance(entry, Mapping):
        raise InputError(f"{where}: expected an object with sample_id, found {entry!r:.40}")
    number, runtime = entry.get("sample_id"), entry.get("runtime", -1.0)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise InputError(f"{where}: sample_id: expected a whole number, found {number!r:.40}")
    if not isinstance(runtime, int | float) or isinstance(runtime, bool):
        raise InputError(f"{where}: runtime: expected milliseconds, found {runtime!r:.40}")
    flags = []
    for name in ("compiled", "correctness"):
        flag = entry.get(name, False)
        if not isinstance(flag, bool):
            raise InputError(f"{where}: {name}: expected true or false, found {flag!r:.40}")
        flags.append(flag)
    notes = []
    for name in ("runtime_stats", "metadata"):
        note = entry.get(name) or {}
        if not isinstance(note, Mapping):
            raise InputError(f"{where}: {name}: expected an object, found {note!r:.40}")
        notes.append(note)
    extra = {k: v for k, v in entry.items() if k not in _KEYS}
    return Sample(number, flags[0], flags[1], float(runtime), notes[0], notes[1], extra)
