"""Verdicts as KernelBench's entries, with what theirs has no place for under "kernelgepa"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernelgepa.engine.finish import holds
from kernelgepa.engine.result import TaskResult
from kernelgepa.kernelbench.results import OURS, Sample
from kernelgepa.protocols import Attempt
from kernelgepa.verdict import Diagnostic, Stage, Timing, Verdict, WorkloadVerdict

UNVERIFIED = "unverified"
NO_PROPOSAL = "no proposal"
REFUSED = "refused"
_MESSAGES: Mapping[Stage, str] = {
    Stage.REFUSED: "compilation_error", Stage.COMPILE: "compilation_error",
    Stage.BUILD: "other_error", Stage.RUN: "runtime_error", Stage.COMPARE: "correctness_issue",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is said of every sample of a problem. `run` is the search's directory, if any."""

    device: str
    hardware: str
    policy: str
    digest: str  # of the problem's text
    shrunk: str = ""
    run: str = ""


def refused(number: int, reason: str, facts: Facts) -> Sample:
    """Of a problem that cannot be taken."""
    return _failed(number, False, REFUSED, {"other_error": reason}, facts, reason)


def found_by(search: TaskResult) -> Attempt | None:
    """The kernel a search hands in; None where it has none but the reference itself.

    The best, or where nothing beats the reference, the quickest correct kernel of its own.
    """
    seed = search.seed.candidate.id
    if search.best.candidate.id != seed and search.best.verdict.correct:
        return search.best
    barred = {seed, *search.withdrawn}
    own = [a for a in search.attempts if a.verdict.correct and a.candidate.id not in barred]
    return max(own, key=lambda a: _speedup(a.verdict), default=None)


def unconfirmed(search: TaskResult) -> Attempt | None:
    """The kernel a search hands in, where it has not been judged once more."""
    kernel = found_by(search)
    confirmed = kernel is search.best and search.confirmed and search.again is not None
    return None if confirmed else kernel


def of_search(
    search: TaskResult, number: int, facts: Facts, again: Verdict | None = None
) -> tuple[Sample, str]:
    """What a search hands in, and the kernel's text; "" where there is none.

    `again` is a verdict on the kernel that is not confirmed, by new processes on fresh inputs.
    """
    kernel = found_by(search)
    if kernel is not None:
        verdict = again or search.again or kernel.verdict
        confirmed = verdict.correct and (again is None or holds(kernel.verdict, again))
        return of_verdict(verdict, number, facts, confirmed), kernel.candidate.source
    tried = [a.verdict for a in search.attempts if a.candidate.id != search.seed.candidate.id]
    wrong = [v for v in tried if not v.correct]
    if wrong:
        return of_verdict(max(wrong, key=lambda v: v.progress), number, facts), ""
    if not search.seed.verdict.correct:
        return of_verdict(search.seed.verdict, number, facts), ""
    reason = "the search made no kernel beside the reference"
    return _failed(number, False, NO_PROPOSAL, {"other_error": reason}, facts, reason), ""


def of_verdict(verdict: Verdict, number: int, facts: Facts, confirmed: bool = False) -> Sample:
    """An entry of theirs. Without a time there is no correct sample, as theirs has none."""
    timed = next((w.timing for w in verdict.workloads if w.timing), None)
    if not verdict.correct or timed is None:
        kind = failure(verdict)
        said = message(verdict)
        stage = Stage.BUILD if verdict.correct else verdict.stage
        metadata = {_MESSAGES[stage]: said} if said else {}
        return _failed(number, stage > Stage.COMPILE, kind, metadata, facts, said)
    labels = sorted({label for w in verdict.workloads for label in w.labels})
    ours = {
        **_ours(facts),
        "failure": "",
        "candidate": verdict.candidate,
        "confirmed": confirmed,
        "degenerate": any(label.startswith("degenerate") for label in labels),
        "labels": labels,
        **_times(timed, confirmed),
    }
    milliseconds = timed.seconds * 1e3
    stats = {"median": milliseconds, "hardware": facts.hardware, "device": facts.device}
    return Sample(number, True, True, milliseconds, stats, _hardware(facts), {OURS: ours})


def _times(timed: Timing, confirmed: bool) -> dict[str, Any]:
    return {
        "speedup": {
            "value": timed.speedup, "low": timed.low, "high": timed.high, "unit": "x",
            "tag": "measured",
        },
        "reference": {"value": timed.reference_seconds * 1e3, "unit": "ms", "tag": "measured"},
        "kernel": {"value": timed.seconds * 1e3, "unit": "ms", "tag": "measured"},
        "noise": timed.noise,
        "blocks": timed.blocks,
        "win": timed.win and confirmed,
        "loss": timed.loss,
    }  # fmt: skip


def failure(verdict: Verdict) -> str:
    """The class of what is wrong with a kernel."""
    if verdict.correct:
        return UNVERIFIED
    codes = [d.code for d in notes(verdict) if d.code and d.severity == "error"]
    if verdict.stage is Stage.RUN:
        return codes[0] if codes else "error"
    if verdict.stage is Stage.COMPARE:
        return codes[0] if codes else "mismatch"
    if verdict.stage is Stage.BUILD:
        said = any(d.code == UNVERIFIED for d in notes(verdict))
        return UNVERIFIED if said else codes[0] if codes else "build"
    return "compile" if verdict.stage is Stage.COMPILE else "refused source"


def message(verdict: Verdict) -> str:
    """The first thing that is wrong, in one line."""
    first = next(iter(notes(verdict)), None)
    if first is not None:
        place = f"line {first.line}: " if first.line else ""
        return " ".join(f"{place}{first.message}".split())[:600]
    wrong = next((m for m in _worst(verdict).mismatches), None)
    if wrong is None:
        return ""
    return (
        f"{wrong.matching} of {wrong.total} elements of {wrong.output} match; greatest error "
        f"{wrong.max_abs_error:.3g}"
    )


def notes(verdict: Verdict) -> list[Diagnostic]:
    """Of the workload that came least far, then of the compile; errors first."""
    found = [*_worst(verdict).diagnostics, *verdict.diagnostics]
    return sorted(found, key=lambda d: d.severity != "error")


def _worst(verdict: Verdict) -> WorkloadVerdict:
    return min(verdict.workloads, key=lambda w: w.stage)


def _speedup(verdict: Verdict) -> float:
    return next((w.timing.speedup for w in verdict.workloads if w.timing), 0.0)


def _failed(
    number: int, compiled: bool, kind: str, metadata: Mapping[str, Any], facts: Facts, reason: str
) -> Sample:
    ours = {**_ours(facts), "failure": kind, "reason": reason}
    return Sample(
        number, compiled, False, metadata={**_hardware(facts), **metadata}, extra={OURS: ours}
    )


def _ours(facts: Facts) -> dict[str, Any]:
    return {
        "judged": True, "policy": facts.policy, "problem": facts.digest, "shrunk": facts.shrunk,
        **({"run": facts.run} if facts.run else {}),
    }  # fmt: skip


def _hardware(facts: Facts) -> dict[str, Any]:
    return {"hardware": facts.hardware, "device": facts.device}
