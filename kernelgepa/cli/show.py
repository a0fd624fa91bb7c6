"""How verdicts and results look on a terminal. Every number carries its tag."""

from __future__ import annotations

import math
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kernelgepa.verdict import Stage

if TYPE_CHECKING:
    from kernelgepa.cli.screen import Screen
    from kernelgepa.verdict import (
        Diagnostic,
        LoopProfile,
        Mismatch,
        Profile,
        Timing,
        Verdict,
        WorkloadVerdict,
    )

SHOWN_LOOPS = 6
SHOWN_ELEMENTS = 3
SHOWN_HOTSPOTS = 6
STAGES = {
    Stage.REFUSED: "refused before compiling",
    Stage.COMPILE: "does not compile",
    Stage.BUILD: "not run: it cannot be placed or verified here",
    Stage.RUN: "trapped while running",
    Stage.COMPARE: "wrong values",
    Stage.CORRECT: "correct",
}
# Why a kernel whose values are right is not taken, by the first such diagnostic.
REASONS = {
    "clock": "its times cannot be believed",
    "impossible": "quicker than it can be",
    "timed-wrong": "wrong while it is timed",
    "stale": "outputs of another call",
    "input-changed": "writes to its inputs",
    "aliased": "outputs that share memory",
    "precision": "not precise enough",
    "dtype": "another dtype",
    "shape": "another shape",
    "device": "outputs on another device",
    "not-a-tensor": "returns no plain tensors",
    "policy-precision": "changes global settings",
    "policy-reference": "falls back to the reference",
    "policy-vendor": "leaves the work to a library",
}


def failure(found: Verdict) -> str:
    """What is wrong with a kernel that is not correct."""
    notes = [d for w in found.workloads for d in w.diagnostics]
    known = (REASONS[note.code] for note in notes if note.code in REASONS)
    wrong = any(w.mismatches for w in found.workloads)
    if found.stage is not Stage.COMPARE or wrong:
        return STAGES[found.stage]
    return next(known, STAGES[found.stage])


def first_note(found: Verdict) -> str:
    """The first thing that was said of a kernel as a whole, "" where nothing was."""
    return found.diagnostics[0].message if found.diagnostics else ""


def verdict(out: Screen, found: Verdict, source: str, target: str = "npu-sim") -> None:
    """Verdict, diagnostics, mismatches, cycles and the loops of the costliest workload."""
    word = "correct" if found.correct else f"not correct: {failure(found)}"
    names = {"npueval": "NPUEval", "kernelbench": "KernelBench"}
    policy = f", judged with {names[found.policy]}'s tolerances" if found.policy in names else ""
    out.line(f"{found.task}: {out.bold(word)}{policy}; judged in {found.seconds:.2f} s (measured)")
    for note in found.diagnostics:
        _diagnostic(out, note, source, "", target)
    _traps(out, found.workloads, source, target)
    for workload in found.workloads:
        for output in dict.fromkeys(w.output for w in workload.mismatches):
            wrong = [w for w in workload.mismatches if w.output == output]
            _mismatch(out, workload.workload, wrong[0], len(wrong) - 1)
    costs(out, found.workloads)
    timings(out, found.workloads)
    hotspots(out, found.workloads)
    counters(out, found.workloads)
    for label in dict.fromkeys(label for w in found.workloads for label in w.labels):
        out.line(f"label: {label}")
    profiles = [(w.profile, w.workload) for w in found.workloads if w.profile is not None]
    if profiles:
        profile, name = max(profiles, key=lambda item: item[0].cycles)
        loops(out, profile, name)


def _diagnostic(out: Screen, note: Diagnostic, source: str, where: str, target: str) -> None:
    from kernelgepa.runs.folder import SUFFIXES  # noqa: PLC0415

    place = f"kernel{SUFFIXES.get(target, '')}:{note.line}: " if note.line else ""
    out.line(f"  {place}{note.severity}: {note.message}{where}")
    lines = source.splitlines()
    text = note.source
    if not text and note.line and note.line <= len(lines):
        text = lines[note.line - 1]
    if text.strip():
        out.line(f"      {text.strip()}")


def _traps(out: Screen, workloads: Sequence[WorkloadVerdict], source: str, target: str) -> None:
    """Each trap once, with the workloads it was met in."""
    met: dict[Diagnostic, list[str]] = {}
    for workload in workloads:
        for note in workload.diagnostics:
            met.setdefault(note, []).append(workload.workload)
    for note, names in met.items():
        _diagnostic(out, note, source, f" [workload {', '.join(names)}]", target)


def _mismatch(out: Screen, workload: str, wrong: Mismatch, more: int) -> None:
    pattern = f"; {wrong.pattern}" if wrong.pattern else ""
    pattern += f"; wrong on {more} more inputs too" if more else ""
    out.line(
        f"  workload {workload}: output {wrong.output}: {wrong.matching:,} of {wrong.total:,} "
        f"elements match, the first wrong one is [{wrong.first}]{pattern}"
    )
    for index, want, got in wrong.worst[:SHOWN_ELEMENTS]:
        out.line(f"      [{index}] expected {number(want)}, got {number(got)}")


def number(value: float) -> str:
    """All digits of a whole number, nine of others: what differs as float32 looks different."""
    if math.isfinite(value) and value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return f"{value:.9g}"


def timings(out: Screen, workloads: Sequence[WorkloadVerdict]) -> None:
    """Times of measured kernels, with the interval of the speedup and what it is worth."""
    rows = []
    for w in workloads:
        if (t := w.timing) is not None:
            floor = "-" if t.floor_seconds is None else seconds(t.floor_seconds)
            rows.append(
                (w.workload, seconds(t.reference_seconds), seconds(t.seconds), speedup(t), said(t),
                 f"{t.noise:.1%}", floor)
            )  # fmt: skip
    if rows:
        device = next(w.timing.device for w in workloads if w.timing)
        out.line(f"time of a call on {device} (measured; 99 % interval; least time modelled)")
        out.table(
            ("workload", ">reference", ">kernel", ">speedup", "", ">noise", ">least time"),
            rows, indent=2,
        )  # fmt: skip


def hotspots(out: Screen, workloads: Sequence[WorkloadVerdict]) -> None:
    """Where the time of a measured kernel goes."""
    from kernelgepa.feedback.hotspots import row, tool  # noqa: PLC0415

    for w in workloads:
        if (profile := w.time_profile) is not None:
            out.line(f"where the time of workload {w.workload} goes ({tool(profile)})")
            found = [tuple(row(spot).values()) for spot in profile.rows[:SHOWN_HOTSPOTS]]
            if found:
                out.table(("", ">calls", ">time", ">share", ""), found, indent=2)


def speedup(timing: Timing) -> str:
    """With its interval: 1.52x [1.47, 1.58]."""
    return f"{timing.speedup:.2f}x [{timing.low:.2f}, {timing.high:.2f}]"


def said(timing: Timing) -> str:
    """What the interval allows to say."""
    if timing.win:
        return "faster"
    if timing.loss:
        return "slower"
    if timing.obscured:
        return f"inconclusive: up to {seconds(timing.hidden_seconds)} a call not accounted for"
    return "inconclusive"


def seconds(value: float) -> str:
    """With a unit in which it has one to three digits before the point."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def counters(out: Screen, workloads: Sequence[WorkloadVerdict]) -> None:
    """Figures beside the cost, each once."""
    found = {name: q for w in workloads for name, q in w.objectives.items()}
    if found and not any(w.profile for w in workloads):
        listed = ", ".join(f"{n} {q.value:g} {q.unit}".strip() for n, q in found.items())
        out.line(f"counters ({', '.join(sorted({q.tag for q in found.values()}))}): {listed}")


def costs(out: Screen, workloads: Sequence[WorkloadVerdict]) -> None:
    """Cycles, utilisation and traffic of each workload that has a profile."""
    rows = [
        [
            w.workload,
            f"{w.cost.value:,.0f}",
            f"{w.profile.utilisation:.1%}",
            f"{w.profile.mac_efficiency:.1%}" if w.profile.macs else "-",
            f"{w.profile.bytes_loaded + w.profile.bytes_stored:,}",
            f"{w.profile.port_limit_cycles:,}",
        ]
        for w in workloads
        if w.cost is not None and w.profile is not None
    ]
    if rows:
        quantities = [w.cost for w in workloads if w.cost is not None]
        out.line(f"cost ({', '.join(sorted({q.tag for q in quantities}))})")
        out.table(
            ("workload", f">{quantities[0].unit}", ">vector utilisation", ">MAC efficiency",
             ">bytes moved", ">least cycles to move them"),
            rows, indent=2,
        )  # fmt: skip


def loops(out: Screen, profile: Profile, workload: str) -> None:
    """The costliest loops, what bounds them, and the chain that does."""
    shown = sorted(profile.loops, key=lambda loop: -loop.cycles)[:SHOWN_LOOPS]
    if not shown:
        return
    out.line(f"loops of workload {workload} ({profile.tag})")
    out.table(
        (">line", ">trips", ">cycles", ">share", ">II", ">length", ">stages", "slot bound",
         ">recurrence bound", "note"),
        [_loop(loop, profile.cycles) for loop in shown], indent=2,
    )  # fmt: skip
    for loop in shown:
        if loop.recurrence_bound > _slot(loop)[1] and loop.recurrence_chain:
            chain = " -> ".join(loop.recurrence_chain)
            out.line(f"  recurrence of line {loop.line or '?'}: {chain}")


def _slot(loop: LoopProfile) -> tuple[str, int]:
    return max(loop.resource_bound.items(), key=lambda item: item[1], default=("-", 0))


def _loop(loop: LoopProfile, total: int) -> list[str]:
    slot, need = _slot(loop)
    notes = [f"calls {n} {name}" for name, n in loop.library_calls.items()]
    notes += [f"sub-word stores: {loop.subword_stores}"] if loop.subword_stores else []
    notes += [f"spills: {loop.spills}"] if loop.spills else []
    notes += [] if loop.hardware_loop else ["not a hardware loop"]
    notes += [f"not pipelined: {loop.reason or 'not innermost'}"] if loop.ii is None else []
    return [
        str(loop.line or "?"), f"{loop.trips:,}", f"{loop.cycles:,}", f"{loop.cycles / total:.0%}",
        str(loop.ii or "-"), str(loop.length), str(loop.stages),
        f"{slot} {need}" if need else "-", str(loop.recurrence_bound), "; ".join(notes),
    ]  # fmt: skip


def program() -> str:
    """How the user can call this program again: by name where the name finds it, else by path."""
    own = Path(sys.argv[0])
    if own.name != "kernelgepa":
        return "python -m kernelgepa"
    found = shutil.which(own.name)
    if found and Path(found).resolve() == own.resolve():
        return own.name
    return shlex.quote(min(str(own.absolute()), os.path.relpath(own), key=len))
