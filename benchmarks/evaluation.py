"""Seconds of one evaluation end to end (judge, compile, schedule, run, compare), measured.

Sources are distinct, so nothing is cached. One core: the whole process tree is pinned to it. Then
N workers on N cores against one worker on the same cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from kernelgepa.candidate import Candidate
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.npu.target import NpuSim
from kernelgepa.task import Task
from kernelgepa.tasks import list_tasks, load

LIMIT_SECONDS = 0.2


def _candidates(tasks: list[Task], count: int, salt: str) -> list[tuple[Task, Candidate]]:
    made = []
    for i in range(count):
        task = tasks[i % len(tasks)]
        source = f"{task.seeds['canonical']}\n// variant {salt} {i}\n"
        made.append((task, Candidate.kernel(source)))
    return made


def _seconds(judge: KernelJudge, work: list[tuple[Task, Candidate]], jobs: int) -> list[float]:
    def one(item: tuple[Task, Candidate]) -> float:
        start = time.perf_counter()
        verdict = judge.judge(*item)
        if not verdict.correct:
            raise SystemExit(f"{item[0].name}: the seed is not correct: {verdict.diagnostics}")
        return time.perf_counter() - start

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, work))


def _wall(jobs: int, tasks: list[Task], count: int, cores: set[int]) -> tuple[float, list[float]]:
    os.sched_setaffinity(0, cores)
    with NpuSim(jobs=jobs) as target:
        judge = KernelJudge(target)
        _seconds(judge, _candidates(tasks, len(tasks), f"warm{jobs}"), jobs)
        start = time.perf_counter()
        each = _seconds(judge, _candidates(tasks, count, f"timed{jobs}{len(cores)}"), jobs)
        return time.perf_counter() - start, each


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("tasks", nargs="*", help="tasks; all bundled ones by default")
    chosen = parser.parse_args(arguments if arguments is not None else [])
    names = chosen.tasks or [t.name for t in list_tasks()]
    tasks = [replace(load(n), description="") for n in names]
    cores = sorted(os.sched_getaffinity(0))
    wall, each = _wall(1, tasks, chosen.count, {cores[0]})
    median = statistics.median(each)
    print(
        f"evaluation end to end, {chosen.count} distinct sources of {len(tasks)} tasks (measured)"
    )
    print(f"{'workers':>8} {'cores':>6} {'wall s':>8} {'median s':>9} {'ratio':>6}  against")
    print(
        f"{1:8} {1:6} {wall:8.2f} {median:9.3f} {median / LIMIT_SECONDS:6.2f}  "
        f"limit {LIMIT_SECONDS} s"
    )
    count = len(cores)
    if count > 1:
        one, each_one = _wall(1, tasks, chosen.count, set(cores))
        many, each_many = _wall(count, tasks, chosen.count, set(cores))
        print(f"{1:8} {count:6} {one:8.2f} {statistics.median(each_one):9.3f} {1.0:6.2f}")
        print(
            f"{count:8} {count:6} {many:8.2f} {statistics.median(each_many):9.3f} "
            f"{one / many:6.2f}  one worker on the same cores"
        )
    os.sched_setaffinity(0, set(cores))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
