"""Machines that kernels are timed on, simulated: every disturbance known from real ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kernelgepa.measured.plan import Plan, Run
from kernelgepa.measured.statistics import Estimate


@dataclass(frozen=True)
class Machine:
    """Standard deviations and probabilities, per run of about 10 ms."""

    jitter: float = 0.01  # of one run, lognormal
    process: float = 0.01  # of a whole process: where its memory lies
    burst: float = 0.0  # probability that a neighbour starts; it stays for up to 7 runs
    step: float = 0.0  # how much slower the lower of two frequencies is
    drift: float = 0.0  # per run


IDLE = Machine()
MACHINES = {
    "idle": IDLE,
    "still": Machine(jitter=0.003, process=0.0),
    "scattered processes": Machine(process=0.03),
    "bursts": Machine(jitter=0.03, process=0.02, burst=0.05),
    "two frequencies": Machine(jitter=0.02, process=0.02, step=0.25),
    "drift": Machine(drift=0.002),
    "busy": Machine(jitter=0.15, process=0.03, burst=0.15),
}


class Session:
    """One session on a machine, of a candidate that is so many times as fast."""

    def __init__(self, machine: Machine, speedup: float, seed: int) -> None:
        self._machine, self._speedup = machine, speedup
        self._rng = np.random.default_rng(seed)
        self._processes: dict[tuple[str, int], float] = {}
        self._runs, self._busy, self._slow = 0, 0, False

    def estimate(self, plan: Plan, seconds: float = 0.020) -> Estimate:
        while (block := plan.next()) is not None:
            plan.add([self._time(run, seconds) for run in block])
        return plan.estimate

    def _time(self, run: Run, seconds: float) -> float:
        machine, rng = self._machine, self._rng
        key = (run.role, run.pair)
        if key not in self._processes:
            self._processes[key] = math.exp(rng.normal(0, machine.process))
        self._runs += 1
        factor = self._processes[key] * math.exp(rng.normal(0, machine.jitter))
        factor *= 1 + machine.drift * self._runs
        if self._busy:
            self._busy -= 1
            factor *= 1 + rng.exponential(0.5)
        elif machine.burst and rng.random() < machine.burst:
            self._busy = int(rng.integers(1, 8))
        if machine.step:
            self._slow ^= rng.random() < 0.1
            factor *= 1 + machine.step * self._slow
        one = seconds / (self._speedup if run.role == "candidate" else 1.0)
        return one * run.calls * factor


def sessions(machine: Machine, speedup: float, seeds: Sequence[int]) -> list[Estimate]:
    """Whole sessions, with the looks a plan takes while they go on."""
    return [
        Session(machine, speedup, seed).estimate(Plan.of(0.020, 0.020 / speedup)) for seed in seeds
    ]
