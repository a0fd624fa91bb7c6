"""Every bundled task of a measured target: its seed beside its reference on one device.

    python -m benchmarks.bundled [--device cuda:0] [--seconds 0.5] [TASK ...]

The seed of a module is its reference's own text, so that its speedup shows the judge's noise; the
seeds of CUDA and Triton kernels are plain ones, beside what torch does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from kernelgepa.judges import MEASURED, Options, judge_of
from kernelgepa.measured import devices
from kernelgepa.measured.machine import device_name
from kernelgepa.protocols import Judge, Sandbox
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.session import seed_of
from kernelgepa.task import Task
from kernelgepa.tasks import load
from kernelgepa.tasks.catalogue import bundled
from kernelgepa.verdict import WorkloadVerdict

COLUMNS = f"{'task':20} {'workload':12} {'speedup':>8} {'99 %':>15} {'noise':>7} {'seconds':>9}"


def tasks(names: list[str]) -> Iterator[Task]:
    """Those named, or all there are of measured targets, one target after the other."""
    found = [load(name) for name in names or bundled()]
    for target in MEASURED:
        yield from (task for task in found if task.target == target)


def row(name: str, found: WorkloadVerdict) -> str:
    start = f"{name:20} {found.workload:12} "
    if found.timing is None:
        codes = ", ".join(d.code for d in found.diagnostics if d.code)
        return start + f"{found.stage.name.lower()}: {codes or 'unverified, not timed'}"
    t = found.timing
    interval = f"[{t.low:.3f}, {t.high:.3f}]"
    return start + f"{t.speedup:7.3f}x {interval:>15} {100 * t.noise:6.1f}% {t.seconds:9.3g}"


def table(judge: Judge, of_target: list[Task]) -> bool:
    """Prints a target's rows; whether all of its seeds are correct."""
    good = True
    for task in of_target:
        start = time.perf_counter()
        verdict = judge.judge(task, seed_of(task, "canonical"))
        for found in verdict.workloads:
            print(row(task.name, found), flush=True)
        for note in verdict.diagnostics:
            print(f"  {note.message[:300]}")
        print(f"  {time.perf_counter() - start:.1f} s", flush=True)
        good = good and verdict.correct
    return good


def show(device: str, seconds: float, names: list[str], sandbox: Sandbox) -> bool:
    print(f"seeds of bundled tasks on {device_name(device)} (measured)")
    print(COLUMNS)
    good = True
    found = list(tasks(names))
    for target in MEASURED:
        of_target = [task for task in found if task.target == target]
        if of_target:
            options = Options(device=device, seconds=seconds, profile="none")
            with judge_of(of_target[0], options, sandbox=sandbox) as judge:
                good = table(judge, of_target) and good
    return good


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where a seed is not correct."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bundled", description=__doc__)
    parser.add_argument("tasks", nargs="*", default=[])
    parser.add_argument("--device", default="")
    parser.add_argument("--seconds", type=float, default=2.0, help="of timing, a workload")
    parser.add_argument("--sandbox", default=None, help="as kernelgepa evaluate --sandbox")
    chosen = parser.parse_args(arguments)
    device = chosen.device or devices.default()
    with open_sandbox(Choice(chosen.sandbox) if chosen.sandbox else Choice()) as sandbox:
        return 0 if show(device, chosen.seconds, chosen.tasks, sandbox) else 1


if __name__ == "__main__":
    sys.exit(main())
