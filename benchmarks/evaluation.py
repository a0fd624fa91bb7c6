"""Seconds of one evaluation end to end: judge, compile, schedule, run, compare. All measured.

Every source compiles to another program, and nothing is cached. The first table has the whole
process tree on one core; the second its stages, in one process; the third several workers against
one worker on the same cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.sources import Source, sources
from benchmarks.stages import seconds_by_stage
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.npu.target import NpuSim
from kernelgepa.tasks import list_tasks

LIMIT_SECONDS = 0.2
LEAST_GAIN = {2: 1.6, 4: 2.5}  # of so many workers on so many cores, against one worker


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds of all evaluations together, and of each; processor seconds."""

    wall: float
    each: list[float]
    processor: float  # seconds of all processes, an evaluation; their start is in it

    @property
    def median(self) -> float:
        return statistics.median(self.each)


def measure(work: Sequence[Source], jobs: int, cores: set[int]) -> Timing:
    """Judges all of `work` with so many workers, on these cores."""
    before, used = os.sched_getaffinity(0), _processor()
    os.sched_setaffinity(0, cores)
    try:
        with NpuSim(jobs=jobs) as target, ThreadPoolExecutor(jobs) as pool:
            judge = KernelJudge(target)

            def one(source: Source) -> float:
                start = time.perf_counter()
                verdict = judge.judge(source.task, source.candidate)
                if not verdict.correct:
                    raise SystemExit(f"{source.task.name}: not correct: {verdict.diagnostics}")
                return time.perf_counter() - start

            list(pool.map(one, [work[0]] * jobs))  # workers are started
            start = time.perf_counter()
            each = list(pool.map(one, work))
            wall = time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, before)
    return Timing(wall, each, (_processor() - used) / len(work))


def _processor() -> float:
    """Seconds that this process and all that have ended below it were on a processor."""
    return sum(os.times()[:4])


def _one_core(work: Sequence[Source], core: int) -> None:
    timing = measure(work, 1, {core})
    ordered = sorted(timing.each)
    print(f"evaluation end to end, one worker on one core, {len(work)} sources (measured)")
    print(f"{'':32} {'seconds':>8} {'limit':>6} {'ratio':>6}")
    ratio = timing.median / LIMIT_SECONDS
    print(f"{'median':32} {timing.median:8.3f} {LIMIT_SECONDS:6} {ratio:6.2f}")
    print(f"{'slowest tenth begins at':32} {ordered[len(ordered) * 9 // 10]:8.3f}")
    print(f"{'processor time, mean':32} {timing.processor:8.3f}")
    os.sched_setaffinity(0, {core})
    stages = seconds_by_stage(work)
    print()
    print("the same by stage, in one process without a worker (measured)")
    print(f"{'stage':32} {'median s':>8} {'share of the median above':>26}")
    for stage, seconds in stages:
        print(f"{stage:32} {seconds:8.4f} {seconds / timing.median:26.0%}")
    rest = timing.median - sum(seconds for _, seconds in stages)
    print(f"{'the rest: the worker around it':32} {rest:8.4f} {rest / timing.median:26.0%}")


def _several(work: Sequence[Source], cores: Sequence[int]) -> None:
    print("several workers against one worker on the same cores (measured)")
    print(f"{'cores':>5} {'workers':>8} {'wall s':>8} {'median s':>9} {'gain':>6}  least")
    for count in sorted({n for n in (2, 4, len(cores)) if 1 < n <= len(cores)}):
        used = set(cores[:count])
        one, many = measure(work, 1, used), measure(work, count, used)
        print(f"{count:5} {1:8} {one.wall:8.2f} {one.median:9.3f} {1:6.2f}")
        print(
            f"{count:5} {count:8} {many.wall:8.2f} {many.median:9.3f} {one.wall / many.wall:6.2f}"
            f"  {LEAST_GAIN.get(count, '-')}"
        )


def main(arguments: list[str] | None = None) -> None:
    """Prints the three tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluation", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="most sources [60]")
    parser.add_argument("tasks", nargs="*", help="tasks; all bundled ones by default")
    chosen = parser.parse_args(arguments if arguments is not None else [])
    names = chosen.tasks or [t.name for t in list_tasks()]
    cores = sorted(os.sched_getaffinity(0))
    found = sources(names)
    step = max(1, len(found) / chosen.count)
    work = [found[int(i * step)] for i in range(min(chosen.count, len(found)))]
    load = os.getloadavg()[0]
    print(
        f"{len({s.candidate.source for s in work})} sources of {len({s.task.name for s in work})} "
        f"tasks, {len({s.program for s in work})} different programs; {len(cores)} cores, load "
        f"{load:.1f} before the first measurement"
    )
    print()
    _one_core(work, cores[0])
    os.sched_setaffinity(0, set(cores))
    print()
    _several(work, cores)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
