"""Times of the references as KernelBench keeps them: results/timing/{HW}/{name}.json.

    {"level1": {"19_name.py": {"mean": 1.2, "std": ..., "min": ..., "max": ..., "num_trials": 100,
                               "hardware": ..., "device": ...}}}

All times in milliseconds, to three digits (scripts/generate_baseline_time.py of
github.com/ScalingIntelligence/KernelBench). A problem that could not be timed is null there.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import files
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.results import OURS

_WHAT = 'baseline times, {"level1": {"19_name.py": {"mean": 1.2, ...}}}'


@dataclass(frozen=True)
class Timing:
    """Statistics of one reference's times, in milliseconds."""

    mean: float
    std: float
    min: float
    max: float
    num_trials: int
    hardware: str = ""
    device: str = ""
    shrunk: str = ""  # how, where a smaller version of the problem was timed; ours

    @classmethod
    def of(cls, times_ms: Sequence[float], hardware: str = "", device: str = "") -> Timing:
        """Of single times; at least one, each finite and above 0."""
        if not times_ms or not all(math.isfinite(t) and t > 0 for t in times_ms):
            raise ValueError("times are finite and above 0, and at least one is needed")
        mean, spread = statistics.fmean(times_ms), statistics.pstdev(times_ms)
        rounded = (float(f"{n:.3g}") for n in (mean, spread, min(times_ms), max(times_ms)))
        mean, spread, least, most = rounded
        return cls(mean, spread, least, most, len(times_ms), hardware, device)

    def plain(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "mean": self.mean, "std": self.std, "min": self.min, "max": self.max,
            "num_trials": self.num_trials,
        }  # fmt: skip
        named = {"hardware": self.hardware, "device": self.device}
        ours = {OURS: {"shrunk": self.shrunk}} if self.shrunk else {}
        return made | {k: v for k, v in named.items() if v} | ours


Key = tuple[int, str]  # level, file name


def path(results: Path, hardware: str, name: str) -> Path:
    """Where a baseline file lies in a folder `results`. Raises InputError for odd names."""
    place = results / "timing" / files.plain_name(hardware, "the name of the hardware")
    return place / f"{files.plain_name(name, 'the name of a baseline').removesuffix('.json')}.json"


def read(file: Path) -> Mapping[Key, Timing]:
    """The times in a file, without those that are null there. Raises InputError."""
    if not file.is_file():
        raise InputError(f"{file} does not exist; expected {_WHAT}")
    found = {}
    for key, times in files.read(file, _WHAT).items():
        level = _level(file, key)
        for name, stats in _times(file, key, times).items():
            if stats is not None:
                found[level, name] = _timing(f"{file}: {key}/{name}", stats)
    return found


def emit(file: Path, timings: Mapping[Problem, Timing | None]) -> None:
    """Writes times, added to those in the file; the same problem's is replaced. None is a problem
    that could not be timed. Their order is that of problem numbers, as their analysis pairs by
    position. Raises InputError."""
    levels: dict[int, dict[str, Any]] = {}
    for level, times in files.read(file, _WHAT).items():
        levels[_level(file, level)] = dict(_times(file, level, times))
    for problem, timing in timings.items():
        levels.setdefault(problem.level, {})[problem.file] = timing.plain() if timing else None
    files.write(
        file,
        {
            f"level{level}": {name: times[name] for name in sorted(times, key=_order)}
            for level, times in sorted(levels.items())
        },
    )


def _order(name: str) -> tuple[int, str]:
    match = re.match(r"\d{1,9}", name, re.ASCII)
    return (int(match[0]) if match else 10**9, name)


def _level(file: Path, key: str) -> int:
    match = re.fullmatch(r"level(\d{1,4})", key, re.ASCII)
    if match is None:
        raise InputError(f"{file}: expected {_WHAT}, found the key {key!r}")
    return int(match[1])


def _times(file: Path, level: str, times: object) -> Mapping[str, Any]:
    if not isinstance(times, Mapping):
        raise InputError(f"{file}: {level}: expected {_WHAT}, found no object")
    return times


def _timing(where: str, stats: object) -> Timing:
    found = stats if isinstance(stats, Mapping) else {}
    mean = found.get("mean")
    if not isinstance(mean, int | float) or isinstance(mean, bool) or not 0 < mean < math.inf:
        raise InputError(f"{where}: mean: expected milliseconds above 0, found {mean!r:.40}")
    others = [found.get(k) for k in ("std", "min", "max")]
    std, least, most = (float(n) if isinstance(n, int | float) else math.nan for n in others)
    trials, hardware, device = (found.get(k) for k in ("num_trials", "hardware", "device"))
    count = trials if isinstance(trials, int) else 0
    ours = found.get(OURS)
    shrunk = ours.get("shrunk") if isinstance(ours, Mapping) else None
    return Timing(
        float(mean), std, least, most, count, str(hardware or ""), str(device or ""),
        str(shrunk or ""),
    )  # fmt: skip
