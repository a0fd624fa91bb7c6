"""What is told of a kernel timed against a module: times, static figures, what they show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kernelgepa.feedback.symptoms import Symptom, timed
from kernelgepa.verdict import Stage

if TYPE_CHECKING:
    from kernelgepa.verdict import Diagnostic, Timing, Verdict, WorkloadVerdict

NEAR, FAR = 0.6, 0.2  # shares of a floor from and below which it is said to be near or far
SHORT = {True: 50e-6, False: 20e-6}  # seconds of a call, on a GPU and on a CPU, overhead decides
NOISY = 0.05
LOW = 25.0  # per cent of an SM's warps
BUSY = 0.6  # share of a call that kernels fill, below which the host is what it waits for
IDLE = 40.0  # per cent of the peak of both memory and multiprocessors, below which latency limits
SPILLS = ("spill", "stack")
CODES = ("unverified",)
_COMPILING = re.compile(
    r"Error building extension|CompilationError|CppCompileError|\bptxas (?:error|fatal)"
    r"|\.\w+(?:\(\d+\)|:\d+(?::\d+)?): (?:fatal |catastrophic )?error\b"
)


def seconds(value: float) -> str:
    """1.23 ms, 45.6 us, 2.1 s."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def refused(note: Diagnostic) -> bool:
    """Whether a compiler that the candidate calls itself refuses it."""
    return bool(_COMPILING.search(note.message))


def outcome(verdict: Verdict) -> str:
    """Where a stage would mislead: that nothing ran, or that what it compiles does not compile."""
    notes = [d for w in verdict.workloads for d in w.diagnostics if not w.correct]
    if notes and all(w.stage == Stage.RUN for w in verdict.workloads) and refused(notes[0]):
        return "not correct: what it compiles itself does not compile"
    ran = any(w.stage > Stage.BUILD for w in verdict.workloads)
    if ran or not any(d.code in CODES for d in verdict.diagnostics):
        return ""
    return "compiled, not run here: nothing is known of its values or time"


def result(timing: Timing) -> str:
    """A win, a loss, or neither, in words."""
    if timing.win:
        return "faster"
    if timing.loss:
        return "slower"
    if timing.obscured:
        return (
            f"inconclusive: up to {seconds(timing.hidden_seconds)} a call may lie beside what it "
            "says, and the lower end bears that"
        )
    return "inconclusive: the interval does not lie above 1 and the noise"


def line(timing: Timing) -> str:
    """Both times, the speedup with its interval, noise and floor."""
    said = (
        f"reference {seconds(timing.reference_seconds)}, yours {seconds(timing.seconds)}: "
        f"{timing.speedup:.2f}x [{timing.low:.2f}, {timing.high:.2f}] measured, "
        f"noise {100 * timing.noise:.1f} %"
    )
    if timing.floor_seconds is not None:
        said += f", floor {seconds(timing.floor_seconds)} modelled"
    return f"{said}; {result(timing)}"


def times(verdict: Verdict) -> list[dict[str, Any]]:
    """Of correct workloads that were timed, the slowest against its reference first."""
    rows = [(w, w.timing) for w in verdict.workloads if w.correct and w.timing]
    rows.sort(key=lambda row: row[1].speedup)
    return [
        {"workload": w.workload, "line": line(t), "of": t, "reason": t.floor_reason}
        for w, t in rows
    ]


def counters(verdict: Verdict) -> list[str]:
    """Further figures, each once: `k.registers: 32 registers (static)`."""
    found: dict[str, str] = {}
    for workload in verdict.workloads:
        for name, q in workload.objectives.items():
            found.setdefault(name, f"{name}: {q.value:g} {q.unit} ({q.tag})")
    return list(found.values())


def labels(verdict: Verdict) -> list[str]:
    """Labels of workloads with the names of those that have them."""
    met: dict[str, list[str]] = {}
    for workload in verdict.workloads:
        for label in workload.labels:
            met.setdefault(label, []).append(workload.workload)
    return [f"{label} [workload {', '.join(names[:4])}]" for label, names in met.items()]


def signs(verdict: Verdict) -> Mapping[str, bool]:
    """Conditions of symptoms, of the workload that gains least; empty where nothing was timed."""
    timed_ones = [w for w in verdict.workloads if w.correct and w.timing]
    if not timed_ones or not verdict.correct:
        return {}
    worst = min(timed_ones, key=lambda w: w.timing.speedup if w.timing else 0.0)
    return _signs(worst, worst.timing) if worst.timing else {}


def _signs(found: WorkloadVerdict, timing: Timing) -> Mapping[str, bool]:
    floor = timing.floor_seconds
    share = floor / timing.seconds if floor and timing.seconds > 0 else None
    device = timing.device.lower()
    gpu = not any(word in device for word in ("cpu", "core", "xeon", "epyc", "ryzen"))
    figures, top, busy = found.objectives, _costliest(found), _busy(found, timing)
    rates = [top[name] for name in ("sm_throughput", "memory_throughput") if name in top]
    low = any(q.value < LOW for n, q in figures.items() if _ends(n, ("occupancy",)))
    return {
        "win": timing.win,
        "loss": timing.loss,
        "near": share is not None and share >= NEAR,
        "far": share is not None and share < FAR,
        "memory": "to move" in timing.floor_reason,
        "arithmetic": "operations" in timing.floor_reason,
        "short": timing.seconds < SHORT[gpu],
        "noisy": timing.noise > NOISY,
        "spills": any(q.value > 0 for n, q in figures.items() if _ends(n, SPILLS))
        or top.get("local_requests", 0.0) > 0,
        "low_occupancy": low or top.get("occupancy", 100.0) < LOW,
        "launches": gpu and busy < BUSY,
        "latency": len(rates) > 1 and max(rates) < IDLE,
    }


def _costliest(found: WorkloadVerdict) -> Mapping[str, float]:
    """Figures of the kernel that takes most of a call, as far as a profiler counted them."""
    rows = found.time_profile.rows if found.time_profile else ()
    return rows[0].figures if rows else {}


def _busy(found: WorkloadVerdict, timing: Timing) -> float:
    """The share of a call that kernels fill; all of it where that is not known."""
    profile = found.time_profile
    known = profile is not None and profile.rows and timing.seconds > 0
    return profile.seconds / timing.seconds if profile and known else 1.0


def _ends(name: str, words: Sequence[str]) -> bool:
    last = name.rpartition(".")[2]
    return any(word in last for word in words)


def symptoms(verdict: Verdict, target: str) -> list[Symptom]:
    """Sentences about the times of a correct kernel."""
    return timed(signs(verdict), target)
