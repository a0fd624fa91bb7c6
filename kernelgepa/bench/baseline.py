"""KernelBench's baseline times, measured here: each reference alone, in a process of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.baselines import Timing
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.measured.demands import Follower
from kernelgepa.measured.machine import device_name, workers
from kernelgepa.measured.room import order_of
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.protocols import Sandbox, Workers
from kernelgepa.sandbox import devices
from kernelgepa.task import Task
from kernelgepa.tasks import chosen, modules

WARM = 3  # calls before anything counts, as theirs
TRIALS = 100
SETS = 2  # of inputs, used in turn


def hardware(device: str) -> str:
    """The name of the device, as a folder of theirs can be called."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", device_name(device).partition(": ")[2]).strip("_.") or (
        "unknown"
    )


def measure(
    problems: Sequence[Problem],
    device: str,
    sandbox: Sandbox,
    told: Callable[[Problem, Timing | str], None],
    trials: int = TRIALS,
    shrink: bool | None = None,
) -> None:
    """Times every problem and tells of it at once: the times, or why there are none.

    `shrink`: whether one too large for a CPU is made smaller; None: only on one.
    """
    with ExitStack() as stack:
        started = workers(sandbox, "torch", device)
        stack.callback(started.close)
        follower = stack.enter_context(Follower(sandbox))
        used = follower if chosen(device, shrink)[1] else None
        for problem in problems:
            try:
                task = modules.of_problem(problem, device, used)
                told(problem, _timed(task, device, started, trials))
            except InputError as error:
                told(problem, str(error))
            except Failed as failure:
                told(problem, f"{problem.origin}: the reference cannot be run: {failure}")


def _timed(task: Task, device: str, started: Workers, trials: int) -> Timing:
    """Raises Failed where the reference cannot be run."""
    with ExitStack() as stack:
        if device != "cpu":
            stack.enter_context(devices.held(device))
        # As it ships: parameters keep the values its constructor gave them.
        draw = partial(secrets.randbits, 60)
        order = order_of(task.digest, task.module.code, device, False, SETS, draw)
        seat = Seat(started, order)
        stack.callback(seat.close)
        seat.begin()
        calls = [Which(n % SETS, seed=n) for n in range(WARM + trials)]
        seat.run(calls[:WARM])
        # One call a message: a reference's outputs may be large, and are kept until the next.
        seconds = [seat.run([which]).seconds[0] for which in calls[WARM:]]
    name = device_name(device).partition(": ")[2]
    timing = Timing.of([max(s, 1e-9) * 1e3 for s in seconds], name, device)
    return replace(timing, shrunk=task.module.shrunk)
