"""How far the verdicts of measured targets can be trusted, and what they cost. All measured.

Through the public `kernelgepa.evaluate`, which has no cache: pairs of modules that differ in their
text only (a win or a loss is false), a candidate 15 % slower and one 30 % faster than its
reference; then the judge's own time, beside what reference and candidate themselves take.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import kernelgepa
from benchmarks.modules import EQUIVALENTS, LIGHT, Pair, steps
from kernelgepa.measured import wire
from kernelgepa.protocols import Conversation, Sandbox, WorkerOutcome, Workers
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.verdict import Timing

FALSE_WINS = 1 / 200
FASTER_FOUND = 0.95
OVERHEAD_MS = 60.0


@dataclass
class Spent:
    """Seconds of the judge's messages to workers; what they say is read when all is over."""

    messages: list[tuple[float, bytes, WorkerOutcome | None]] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)  # when each was answered
    waiting: float = 0.0  # for one message or more: they overlap
    _open: int = 0
    _since: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self) -> None:
        """A message is under way."""
        with self._lock:
            self._since = self._since if self._open else time.perf_counter()
            self._open += 1

    def answered(self, seconds: float, message: bytes, outcome: WorkerOutcome | None) -> None:
        """`message` is empty where a process was opened."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self.waiting += time.perf_counter() - self._since
            self.messages.append((seconds, message, outcome))
            self.ends.append(time.perf_counter())

    def clear(self) -> None:
        with self._lock:
            self.messages.clear()
            self.ends.clear()
            self.waiting = 0.0

    def session(self, since: float) -> float:
        """Seconds from the first timed call to the last look at one, of those after `since`."""
        spans = [
            (end - seconds, end)
            for end, (seconds, message, _) in zip(self.ends, self.messages, strict=True)
            if end > since and message and wire.unpack(message)[0]["do"] in ("run", "show")
        ]
        return max(end for _, end in spans) - min(start for start, _ in spans)

    def by_operation(self) -> tuple[Mapping[str, float], float]:
        """Without the calls of reference and candidate that were timed; and those."""
        asked, calls = dict[str, float](), 0.0
        for seconds, message, outcome in self.messages:
            operation = wire.unpack(message)[0]["do"] if message else "open"
            timed = 0.0
            if operation == "run" and outcome and outcome.status == "ok":
                timed = math.fsum(wire.unpack(outcome.payload)[0]["host"])
            calls += timed
            asked[operation] = asked.get(operation, 0.0) + seconds - timed
        return asked, calls


class _Watched:
    """A sandbox whose conversations are timed; everything else is the sandbox's own."""

    def __init__(self, sandbox: Sandbox, spent: Spent) -> None:
        self._sandbox, self._spent = sandbox, spent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def workers(self, *args: Any, **kwargs: Any) -> Workers:
        return _WatchedWorkers(self._sandbox.workers(*args, **kwargs), self._spent)


class _WatchedWorkers:
    def __init__(self, workers: Workers, spent: Spent) -> None:
        self._workers, self._spent = workers, spent
        self.submit, self.close = workers.submit, workers.close

    def open(self) -> Conversation:
        start = time.perf_counter()
        self._spent.sent()
        talk = self._workers.open()
        self._spent.answered(time.perf_counter() - start, b"", None)
        return _WatchedTalk(talk, self._spent)


class _WatchedTalk:
    def __init__(self, talk: Conversation, spent: Spent) -> None:
        self._talk, self._spent = talk, spent
        self.close = talk.close

    def ask(self, message: bytes, wall_seconds: float | None = None) -> WorkerOutcome:
        start = time.perf_counter()
        self._spent.sent()
        outcome = self._talk.ask(message, wall_seconds)
        self._spent.answered(time.perf_counter() - start, message, outcome)
        return outcome


def judged(pair: Pair, seconds: float, sandbox: Sandbox) -> Timing:
    """One pair through the public function. SystemExit where it is not correct."""
    verdict = kernelgepa.evaluate(
        pair.task(), pair.candidate, device="cpu", seconds=seconds, sandbox=sandbox
    )
    timing = verdict.workloads[0].timing
    if not verdict.correct or timing is None:
        notes = [*verdict.diagnostics, *(d for w in verdict.workloads for d in w.diagnostics)]
        raise SystemExit(f"{pair.name}: not correct: {[n.message for n in notes]}")
    return timing


def _row(name: str, found: Sequence[Timing], limit: str, good: bool | None) -> str:
    rates = [sum(getattr(t, what) for t in found) for what in ("win", "loss")]
    unclear = len(found) - sum(rates)
    speedup = statistics.median(t.speedup for t in found)
    half = statistics.median(t.high / t.speedup - 1 for t in found)
    noise = statistics.median(t.noise for t in found)
    said = {True: "within", False: "BROKEN", None: "unclear"}[good]
    return (
        f"{name:24} {len(found):5} {rates[0]:6} {rates[1]:6} {unclear:7} {speedup:8.3f} "
        f"{100 * half:7.1f}% {100 * noise:6.1f}%  {limit:22} {said}"
    )


def rates(count: int, seconds: float, sandbox: Sandbox) -> bool:
    """Prints the rates of verdicts; whether all are within their limits."""
    print(f"verdicts through kernelgepa.evaluate, at most {seconds:g} s of timing each; "
          f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (measured)")  # fmt: skip
    print(f"{'':24} {'pairs':>5} {'faster':>6} {'slower':>6} {'unclear':>7} {'speedup':>8} "
          f"{'99 %':>8} {'noise':>7}  limit")  # fmt: skip
    equal = [EQUIVALENTS[i % len(EQUIVALENTS)] for i in range(count)]
    found = [judged(pair, seconds, sandbox) for pair in equal]
    wrong = sum(t.win for t in found)
    good = wrong <= FALSE_WINS * count
    print(_row("the same, other words", found, "faster: 1 in 200", good), flush=True)
    slower = [judged(steps(20, 23), seconds, sandbox) for _ in range(count)]
    never = not any(t.win for t in slower)
    print(_row("15 % slower", slower, "faster: never", never), flush=True)
    faster = [judged(steps(26, 20), seconds, sandbox) for _ in range(count)]
    mistaken = any(t.loss for t in faster)
    seen = sum(t.win for t in faster) >= FASTER_FOUND * count
    quick = False if mistaken else seen or None  # unclear is allowed on a busy machine
    print(_row("30 % faster", faster, "faster: 95 in 100, idle", quick), flush=True)
    return good and never and quick is not False


def overhead(count: int, seconds: float, sandbox: Sandbox) -> bool:
    """Prints where the time of an evaluation goes; whether the judge's own is below its limit."""
    from kernelgepa.judges import Options, judge_of  # noqa: PLC0415

    spent = Spent()
    pairs = [LIGHT.renamed(number) for number in range(count + 2)]
    options = Options(device="cpu", seconds=seconds)
    each, sessions = [], []
    with judge_of(pairs[0].task(), options, sandbox=_watched(sandbox, spent)) as judge:
        for number, pair in enumerate(pairs):
            if number == 2:  # workers are started and all is imported
                spent.clear()
            start = time.perf_counter()
            verdict = judge.judge(pair.task(), pair.kernel())
            if not verdict.correct:
                raise SystemExit(f"{pair.name}: not correct")
            if number >= 2:
                each.append(time.perf_counter() - start)
                sessions.append(spent.session(start))
    return _print_overhead(each, sessions, spent)


def _watched(sandbox: Sandbox, spent: Spent) -> Any:
    return _Watched(sandbox, spent)


def _print_overhead(each: Sequence[float], sessions: Sequence[float], spent: Spent) -> bool:
    count, whole = len(each), math.fsum(each)
    asked, calls = spent.by_operation()
    own = 1e3 * (whole - calls) / count
    print(f"one evaluation of target torch, judge and workers started, {count} candidates "
          "(measured, means)")  # fmt: skip
    print(f"{'':44} {'ms':>9} {'limit':>6} {'ratio':>6}")
    print(f"{'all':44} {1e3 * whole / count:9.1f}")
    print(f"{'calls of reference and candidate, timed':44} {1e3 * calls / count:9.1f}")
    print(f"{'own: all the rest':44} {own:9.1f} {OVERHEAD_MS:6g} {own / OVERHEAD_MS:6.2f}")
    outside = 1e3 * (whole - math.fsum(sessions)) / count
    print(f"{'  of it, but for the session of timed calls':44} {outside:9.1f} {OVERHEAD_MS:6g} "
          f"{outside / OVERHEAD_MS:6.2f}")  # fmt: skip
    print("  of it, by messages, of which several may be under way:")
    for name, text in OPERATIONS.items():
        if name in asked:
            print(f"  {text:42} {1e3 * asked[name] / count:9.1f}")
    print(f"  {'judge: inputs, comparison, statistics':42} "
          f"{1e3 * (whole - spent.waiting) / count:9.1f}")  # fmt: skip
    return own < OVERHEAD_MS


OPERATIONS: Mapping[str, str] = {
    "open": "open: a process of its own", "begin": "begin: execute, draw inputs, construct",
    "call": "call: correctness, poisoned outputs", "exact": "exact: the same in float64",
    "inputs": "inputs: for the tests of a degenerate task", "trace": "trace: which operations",
    "work": "work: the floor", "run": "run: inputs of every call, outputs kept",
    "show": "show: outputs of timed calls", "ready": "ready: other inputs and parameters",
    "many": "many: calls and the like, in one message", "keeps": "keeps: whether inputs are valid",
}  # fmt: skip
PARTS: Mapping[str, Callable[[int, float, Sandbox], bool]] = {
    "rates": rates, "overhead": overhead,
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Prints the tables; 1 where a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measured", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[], help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--count", type=int, default=20, help="evaluations of each kind")
    parser.add_argument("--seconds", type=float, default=8.0, help="of timing, an evaluation")
    chosen = parser.parse_args(arguments)
    unknown = [part for part in chosen.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    good = True
    with open_sandbox(Choice()) as sandbox:
        for part in chosen.parts or PARTS:
            good = PARTS[part](chosen.count, chosen.seconds, sandbox) and good
            print()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
