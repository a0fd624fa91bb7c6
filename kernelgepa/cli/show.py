"""How verdicts and results look on a terminal. Every number carries its tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from kernelgepa.loop import Result, Step
    from kernelgepa.verdict import Diagnostic, Verdict, WorkloadVerdict

WIDTH = 100


def console(stderr: bool = False) -> Console:
    """A console that wraps at 100 columns where the output is not a terminal."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, width=WIDTH)
    return made


def diagnostic(note: Diagnostic) -> str:
    """One line: place, severity, message."""
    place = f"kernel.cc:{note.line}: " if note.line else ""
    return f"{place}{note.severity}: {note.message}"


def verdict(out: Console, found: Verdict) -> None:
    """Verdict, diagnostics, mismatches, cycles and loops."""
    word = "correct" if found.correct else f"not correct ({_stage(found)})"
    policy = "" if found.policy == "strict" else ", judged with NPUEval's tolerances"
    out.print(f"{found.task}: [bold]{word}[/bold]{policy}, {found.seconds:.2f} s (measured)")
    for note in found.diagnostics:
        out.print(f"  {escape(diagnostic(note))}", soft_wrap=True)
        if note.source:
            out.print(f"      {escape(note.source)}", soft_wrap=True)
    for workload in found.workloads:
        _workload(out, workload)


def _stage(found: Verdict) -> str:
    return {
        0: "refused before compiling",
        1: "does not compile",
        2: "cannot be placed on the tile",
        3: "trapped while running",
        4: "wrong values",
    }.get(int(found.stage), "")


def _workload(out: Console, found: WorkloadVerdict) -> None:
    for note in found.diagnostics:
        out.print(f"  {found.workload}: {escape(diagnostic(note))}", soft_wrap=True)
    for wrong in found.mismatches:
        pattern = f"; {wrong.pattern}" if wrong.pattern else ""
        out.print(
            f"  {found.workload}: {wrong.output}: {wrong.matching} of {wrong.total} elements match"
            f"{escape(pattern)}",
            soft_wrap=True,
        )
        for index, want, got in wrong.worst[:3]:
            out.print(f"      \\[{index}] expected {want:.6g}, got {got:.6g}")
    if found.cost is not None and found.profile is not None:
        p = found.profile
        out.print(
            f"  {found.workload}: {found.cost.value:,.0f} cycles, vector utilisation "
            f"{p.utilisation:.1%}, MAC efficiency {p.mac_efficiency:.1%} ({p.tag})"
        )
        _loops(out, found)


def _loops(out: Console, found: WorkloadVerdict) -> None:
    assert found.profile is not None
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("line", "trips", "II", "bound by", "stages", "cycles", "note"):
        table.add_column(name, justify="left" if name in ("bound by", "note") else "right")
    for loop in sorted(found.profile.loops, key=lambda x: -x.cycles)[:6]:
        slot = max(loop.resource_bound.items(), key=lambda kv: kv[1], default=("", 0))
        bound = f"{slot[0]} {slot[1]}" if slot[1] >= loop.recurrence_bound else "recurrence"
        notes = [f"calls {n}" for n in loop.library_calls]
        notes += [f"{loop.subword_stores} sub-word stores"] if loop.subword_stores else []
        notes += [f"{loop.spills} spills"] if loop.spills else []
        notes += [loop.reason] if loop.reason else []
        table.add_row(
            str(loop.line or "?"), f"{loop.trips:,}", str(loop.ii or "-"), bound,
            str(loop.stages), f"{loop.cycles:,}", escape(", ".join(notes)),
        )  # fmt: skip
    if table.row_count:
        out.print(table)


def step(out: Console, done: Step) -> None:
    """One line per proposal of a run."""
    if done.attempt is None:
        return
    attempt = done.attempt
    mark = "+" if attempt.accepted else " "
    if attempt.verdict.correct:
        cycles = sum(w.cost.value for w in attempt.verdict.workloads if w.cost)
        text = f"{cycles:>10,.0f} cycles {done.gain:6.2f}x"
    else:
        text = f"{_stage(attempt.verdict):>26}"
    out.print(
        f" {mark} {done.number:3} {text}  {escape(done.proposal.note or done.proposal.origin)}",
        soft_wrap=True,
    )


def result(out: Console, found: Result, folder: str) -> None:
    """Seed and best per workload, and where the files are."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("workload", "seed cycles", "best cycles", "speedup", "vector utilisation"):
        table.add_column(name, justify="left" if name == "workload" else "right")
    before = {w.workload: w for w in found.seed.verdict.workloads}
    for after in found.best.verdict.workloads:
        old = before[after.workload]
        if after.cost is None or after.profile is None:
            continue
        was = old.cost.value if old.cost else None
        table.add_row(
            after.workload,
            f"{was:,.0f}" if was else "not correct",
            f"{after.cost.value:,.0f}",
            f"{was / after.cost.value:.2f}x" if was else "-",
            f"{after.profile.utilisation:.1%}",
        )
    out.print(table)
    if found.best.verdict.correct:
        how = "judged again on fresh inputs" if found.confirmed else "NOT confirmed"
        out.print(
            f"{found.task.name}: best is {found.speedup:.2f}x (modelled cycles, geometric mean "
            f"over workloads), correct, {how}; {len(found.attempts)} evaluations, "
            f"{len(found.front)} on the front",
            soft_wrap=True,
        )
    else:
        out.print(
            f"{found.task.name}: no correct kernel found in {len(found.attempts)} evaluations"
        )
    out.print(f"kernel, journal and verdicts: {escape(folder)}", soft_wrap=True)
