"""What a run shows while it goes on and at its end: lines, a live table, or JSON events."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from kernelgepa.cli.screen import Screen, columns
from kernelgepa.cli.show import failure, first_note, program, said, seconds, speedup
from kernelgepa.report import REPORT
from kernelgepa.verdict import Stage

if TYPE_CHECKING:
    from kernelgepa.engine.budget import Spend
    from kernelgepa.engine.result import Result, Step, TaskResult
    from kernelgepa.protocols import Attempt, Proposer
    from kernelgepa.runs.settings import Settings
    from kernelgepa.session import Plan
    from kernelgepa.verdict import Timing

SIMULATED = "     n      cycles  speedup  change (modelled cycles of all workloads; + = accepted)"
MEASURED = "     n   % of ref.  speedup  change (measured time of all workloads; + = accepted)"
SHOWN_STEPS = 12


class Progress(Protocol):
    """Told of every step, and of the end."""

    def step(self, done: Step) -> None: ...

    def end(self, found: Result, settings: Settings) -> None: ...


class Lines:
    """One line a step."""

    def __init__(self, out: Screen, several: bool, spec: str, heading: str) -> None:
        self._out, self._several, self._spec = out, several, spec
        self._heading = heading

    def step(self, done: Step) -> None:
        text = "" if done.replayed else line(done, self._several)
        if text:
            self._out.line("\n".join(filter(None, (self._heading, text))))
            self._heading = ""

    def end(self, found: Result, settings: Settings) -> None:
        result(self._out, found, self._spec, settings)


def line(done: Step, several: bool) -> str:
    """A step in one line: accepted or not, number, outcome, reason. "" of what is not worth it."""
    decision, proposal = done.outcome.decision, done.outcome.proposal
    if proposal.exhausted:
        return ""
    task = f"{decision.task}: " if several else ""
    mark = "+" if done.attempt and done.attempt.accepted else " "
    why = proposal.note or proposal.failure or proposal.origin
    return f" {mark} {decision.number:3}  {_outcome(done):>19}  {task}{why}"


def _outcome(done: Step) -> str:
    if done.attempt is None:
        return "seen before" if done.outcome.candidate else "no candidate"
    verdict = done.attempt.verdict
    if not verdict.correct:
        return failure(verdict)
    if total(done.attempt) is None:
        return "correct, not timed"
    speed = f"{done.gain:6.2f}x" if done.gain else ""
    # What the gate refused was judged on some workloads only.
    cycles = total(done.attempt) if done.outcome.passed else None
    return f"{'' if cycles is None else f'{cycles:,.0f}':>10}  {speed:>7}"


def total(attempt: Attempt) -> float | None:
    """Cost over the workloads judged: the sum, of shares the mean; None where there is none."""
    found = [w.cost for w in attempt.verdict.workloads if w.cost]
    if not found:
        return None
    whole = sum(c.value for c in found)
    return whole / len(found) if found[0].unit.startswith("%") else whole


def unit(attempt: Attempt) -> str:
    """Of the cost; "cost" where there is none."""
    return next((w.cost.unit for w in attempt.verdict.workloads if w.cost), "cost")


def cost(attempt: Attempt) -> str:
    """The same, as shown."""
    found = total(attempt)
    return "-" if found is None else f"{found:,.0f}"


class Drawn:
    """A table that is drawn anew after every step."""

    def __init__(self, out: Screen, several: bool, spec: str, heading: str) -> None:
        from rich.live import Live  # noqa: PLC0415

        self._out, self._several, self._spec = out, several, spec
        self._heading = heading
        self._steps: list[str] = []
        self._best: dict[str, float] = {}
        self._begun = time.monotonic()
        self._live = Live(auto_refresh=False, transient=True)

    def start(self) -> None:
        self._live.start()
        self._show("judging the kernel it begins with")

    def step(self, done: Step) -> None:
        text = line(done, self._several)
        self._steps = [*self._steps, *([text] if text else [])][-SHOWN_STEPS:]
        self._best[done.outcome.decision.task] = done.best
        self._show(*self._steps, "", *self._tasks(), self._foot(done.spend))

    def _show(self, *below: str) -> None:
        from rich.text import Text  # noqa: PLC0415

        shown = "\n".join([self._heading, *below])
        self._live.update(Text(shown, no_wrap=True, overflow="ellipsis"), refresh=True)

    def _tasks(self) -> list[str]:
        """The best so far of as many tasks as there is room for."""
        room = max(4, self._live.console.size.height - SHOWN_STEPS - 6)
        ordered = sorted(self._best.items(), key=lambda item: -item[1])
        rows = [(name, f"{gain:.2f}x") for name, gain in ordered[:room]]
        more = [f"and {len(ordered) - room} tasks more"] if len(ordered) > room else []
        return [*columns(("task", ">best so far"), rows), *more]

    def _foot(self, spend: Spend) -> str:
        return f"{spent(spend)}; {time.monotonic() - self._begun:.0f} s (measured)"

    def stop(self) -> None:
        self._live.stop()

    def end(self, found: Result, settings: Settings) -> None:
        self.stop()
        for text in (self._heading, *self._steps) if self._steps else ():
            self._out.line(text)
        result(self._out, found, self._spec, settings)


class Events:
    """One JSON object a line."""

    def step(self, done: Step) -> None:
        if not done.replayed:
            self.say(step_event(done))

    def end(self, found: Result, settings: Settings) -> None:
        from kernelgepa.runs.plain import summary  # noqa: PLC0415

        self.say({"event": "result", **summary(found, settings)})

    def say(self, value: dict[str, Any]) -> None:
        print(json.dumps(value), flush=True)


def step_event(done: Step) -> dict[str, Any]:
    """A step as a JSON object."""
    from kernelgepa.serial import to_plain  # noqa: PLC0415

    decision, proposal = done.outcome.decision, done.outcome.proposal
    verdict = done.attempt.verdict if done.attempt else None
    return {
        "event": "step",
        "step": decision.number,
        "task": decision.task,
        "kind": decision.kind,
        "parents": list(decision.parents),
        "candidate": done.outcome.candidate.id if done.outcome.candidate else None,
        "origin": proposal.origin,
        "note": proposal.note,
        "failure": proposal.failure,
        "new": done.attempt is not None,
        "accepted": bool(done.attempt and done.attempt.accepted),
        "stage": verdict.stage.name.lower() if verdict else None,
        "correct": verdict.correct if verdict else None,
        "gain": done.gain,
        "best": done.best,
        "spent": to_plain(done.spend),
    }


def make(kind: str, several: bool, spec: str, target: str) -> Progress:
    """`kind`: "json" for events; else a table on a terminal, lines where the output is piped."""
    if kind == "json":
        return Events()
    out = Screen()
    kind_of = Drawn if out.live else Lines
    return kind_of(out, several, spec, heading(target))


@contextmanager
def showing(shown: Progress) -> Iterator[None]:
    """Takes the terminal, and gives it back whatever happens."""
    try:
        if isinstance(shown, Drawn):
            shown.start()
        yield
    finally:
        if isinstance(shown, Drawn):
            shown.stop()


def limits_of(target: str, device: str) -> str:
    """What cannot be found out of kernels of a target without a GPU, in a sentence."""
    from kernelgepa.measured import devices  # noqa: PLC0415

    if (device or devices.default()) != "cpu":
        return ""
    return {
        "cuda": "no GPU: kernels are compiled and not run, so that none is called correct",
        "triton": "no GPU: kernels are interpreted and compared, not timed; none is called faster",
    }.get(target, "")


def begin(shown: Progress, planned: Plan, settings: Settings, proposer: Proposer) -> None:
    """What is about to be done, and what it may cost."""
    costs = _estimate(planned, settings, proposer)
    if isinstance(shown, Events):
        if costs:
            shown.say({"event": "estimate", "text": costs})
        return
    several = len(planned.tasks) > 1
    what = f"{len(planned.tasks)} tasks" if several else planned.tasks[0][1].name
    by = f"{settings.proposer}" + (f" ({settings.model.name})" if settings.model else "")
    out = Screen()
    budget = settings.budget
    limits = [f"budget {budget.candidates}"]
    limits += [_plural(budget.rollouts, "rollout")] if budget.rollouts is not None else []
    limits += [f"${budget.usd:g}"] if budget.usd is not None else []
    limits += [f"{budget.minutes:g} minutes"] if budget.minutes is not None else []
    out.line(f"{what}: start {settings.begins}, proposer {by}, {', '.join(limits)}")
    for name, why in planned.unusable.items():
        out.line(left_out(name, why))
    if costs:
        out.line(costs)
    if limit := limits_of(planned.tasks[0][1].target, settings.device):
        out.line(limit)


def left_out(name: str, why: str) -> str:
    """What is no task, and why; most reasons begin with where it is."""
    return f"left out: {why if why.startswith(name) else f'{name}: {why}'}"


def heading(target: str) -> str:
    """Of the lines of steps."""
    from kernelgepa.judges import MEASURED as TARGETS  # noqa: PLC0415

    return MEASURED if target in TARGETS else SIMULATED


def _estimate(planned: Plan, settings: Settings, proposer: Proposer) -> str:
    """Of the task whose first call may cost most; nothing where no model is called."""
    if settings.model is None or proposer.name != "llm":
        return ""
    from kernelgepa.llm import Llm  # noqa: PLC0415

    assert isinstance(proposer, Llm)
    made = [
        proposer.estimate(task, task.seeds[settings.start], settings.budget)
        for _, task in planned.tasks
    ]
    return str(max(made, key=lambda e: e.first or 0.0))


def spent(spend: Spend) -> str:
    """What a run has spent, in words."""
    parts = [_plural(spend.candidates, "candidate"), _plural(spend.rollouts, "rollout")]
    if spend.calls or spend.lost:
        parts.append(_plural(spend.calls, "call"))
        parts.append(f"{spend.tokens_in:,} + {spend.tokens_out:,} tokens")
        unpriced = _plural(spend.unpriced, "call")
        unknown = f" and {unpriced} of unknown price" if spend.unpriced else ""
        parts.append(f"${spend.usd:.4f}{unknown}")
    if spend.lost:
        parts.append(f"{_plural(spend.lost, 'call')} lost, at most ${spend.lost_usd:.4f}")
    guessed = f"; {_plural(spend.estimated, 'call')} estimated" if spend.estimated else ""
    return f"{', '.join(parts)} (counted{guessed})"


def _plural(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")


def result(out: Screen, found: Result, spec: str, settings: Settings) -> None:
    """The best of every task, where the files are, and what to do with them."""
    folder = shlex.quote(str(found.directory))
    if len(found.tasks) == 1:
        _workloads(out, found.only)
    else:
        _tasks(out, found)
    for name, why in found.unusable.items():
        out.line(left_out(name, why))
    for task in found.tasks.values():
        for candidate in task.withdrawn:
            out.line(f"{task.task.name}: {candidate} was not correct on fresh inputs; withdrawn")
    out.line(f"{found.stopped}; {spent(found.spend)}")
    if len(found.tasks) == 1 and spec and found.best.verdict.correct:
        name = "kernel.cc" if found.task.target == "npu-sim" else ""
        kernel = shlex.quote(str(found.directory / "best" / name))
        more = "" if settings.policy == "strict" else f" --compat {settings.policy}"
        more += f" --device {settings.device}" if settings.device else ""
        more += "" if settings.vendor else " --libraries refused"
        sizes = {None: "", True: " --sizes fitting", False: " --sizes shipped"}
        more += sizes[settings.shrink]
        out.line(f"judge it again: {program()} evaluate {shlex.quote(spec)} {kernel}{more}")
    out.line(f"best/, candidates/, result.json and the journal are in {folder}")
    out.line(f"report: {shlex.quote(str(found.directory / REPORT))}")


def _workloads(out: Screen, found: TaskResult) -> None:
    """Seed and best per workload."""
    before = {w.workload: w for w in found.seed.verdict.workloads}
    last = {w.workload: w.timing for w in (found.again or found.best.verdict).workloads}
    timed = any(last.values())
    rows = []
    for after in found.best.verdict.workloads:
        if after.cost is None:
            continue
        old = before[after.workload].cost
        ratio = f"{old.value / after.cost.value:.2f}x" if old else "-"
        was = f"{old.value:,.0f}" if old else "not correct"
        use = [f"{after.profile.utilisation:.1%}" if after.profile else "-"]
        if timed:
            use = _times(last.get(after.workload) or after.timing)
        rows.append((after.workload, was, f"{after.cost.value:,.0f}", ratio, *use))
    if rows:
        of = unit(found.best).replace("reference", "ref.")
        beside = [">vector utilisation"]
        if timed:
            how = "measured again" if found.again else "measured"
            beside = [">reference", ">best", f"over the reference, {how}"]
        out.table(("workload", f">seed {of}", f">best {of}", ">speedup", *beside), rows)
    out.line(verdict_line(out, found))
    for label in _labels(found):
        out.line(f"label: {label}")


def _labels(found: TaskResult) -> list[str]:
    """What every figure of its best kernel must be shown with."""
    last = found.again or found.best.verdict
    return list(dict.fromkeys(label for w in last.workloads for label in w.labels))


def _times(timing: Timing | None) -> list[str]:
    """A call of the reference and of the kernel, and what that is worth."""
    if timing is None:
        return ["-", "-", "not timed"]
    times = [seconds(s) for s in (timing.reference_seconds, timing.seconds)]
    return [*times, f"{speedup(timing)} {said(timing)}"]


def verdict_line(out: Screen, found: TaskResult) -> str:
    """What came of a task, in one sentence."""
    name, evaluations = found.task.name, _plural(len(found.attempts), "evaluation")
    if not found.best.verdict.correct:
        word = failure(found.best.verdict)
        if found.best.verdict.stage is Stage.BUILD and (why := first_note(found.best.verdict)):
            word = f"not run: {why}"
        return f"{name}: no correct kernel in {evaluations}; the best one: {word}"
    how = "judged again on fresh inputs" if found.confirmed else "NOT confirmed on fresh inputs"
    tag = next((w.cost.tag for w in found.best.verdict.workloads if w.cost), "unverified")
    what = "the first correct kernel of this run"
    if found.speedup:
        what = f"{found.speedup:.2f}x ({tag} {unit(found.best)}, geometric mean over workloads)"
    elif found.best.candidate.id == found.seed.candidate.id:
        what = "the kernel it began with, not timed"
    return (
        f"{name}: {out.bold(what)}, correct{_standing(found)}, {how}; {evaluations}, "
        f"{len(found.front)} on the front"
    )


def _standing(found: TaskResult) -> str:
    """How a timed kernel stands against the reference, as it was measured last."""
    last = found.again or found.best.verdict
    words = [said(w.timing).partition(":")[0] for w in last.workloads if w.timing]
    if not words:
        return ""
    if len(set(words)) == 1:
        return f", {words[0]} against the reference"
    return f", faster than the reference on {words.count('faster')} of {len(words)} workloads"


def _tasks(out: Screen, found: Result) -> None:
    from kernelgepa.engine.score import geometric_mean  # noqa: PLC0415

    rows = []
    for name, task in found.tasks.items():
        good = ", ".join(
            ["yes" if task.confirmed else "NO", *(s.partition(":")[0] for s in _labels(task))]
        )
        speed = f"{task.speedup:.2f}x" if task.speedup else "-"
        use = next((w.profile for w in task.best.verdict.workloads if w.profile), None)
        rows.append(
            (
                name, cost(task.seed), cost(task.best), speed,
                f"{use.utilisation:.1%}" if use else "-", good, task.best.candidate.origin,
            )
        )  # fmt: skip
    of = next((unit(t.best) for t in found.tasks.values()), "cycles")
    titles = ("task", f">seed {of}", f">best {of}", ">speedup", ">utilisation", "correct", "by")
    out.table(titles, rows)
    speeds = [t.speedup for t in found.tasks.values() if t.speedup]
    tags = {w.cost.tag for t in found.tasks.values() for w in t.best.verdict.workloads if w.cost}
    out.line(
        f"{len(found.tasks)} tasks, {sum(t.confirmed for t in found.tasks.values())} correct and "
        f"confirmed; geometric mean {geometric_mean(speeds):.2f}x ({', '.join(sorted(tags))})"
    )
