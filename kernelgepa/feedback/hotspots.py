"""Where the time of a measured kernel goes, in words and rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kernelgepa.feedback.measured import BUSY, IDLE, seconds

if TYPE_CHECKING:
    from kernelgepa.verdict import Hotspot, TimeProfile, Timing, Verdict

HIGH = 60.0  # % of a unit's peak from which it is the limit
_OUTSIDE = "outside of"  # begins the row of what is no operation
# Figures as they are shown: name, text, digits.
_FIGURES = (
    ("registers", "registers", 0),
    ("shared_bytes", "bytes shared", 0),
    ("occupancy", "% occupancy", 0),
    ("sm_throughput", "% of SM peak", 0),
    ("memory_throughput", "% of DRAM peak", 0),
    ("local_requests", "local memory requests", 0),
)


def spent(verdict: Verdict, most: int) -> dict[str, Any] | None:
    """Tool, a sentence or two, and the top rows; None where nothing was profiled."""
    found = next((w for w in verdict.workloads if w.correct and w.time_profile), None)
    if found is None or found.time_profile is None:
        return None
    profile = found.time_profile
    return {
        "tool": tool(profile),
        "said": f"Workload {found.workload}: {sentence(profile, found.timing)}",
        "what": "kernel" if on_gpu(found.timing) else "operation",
        "rows": [row(r) for r in profile.rows[:most]],
    }


def tool(profile: TimeProfile) -> str:
    """Which tool, why not a better one, and the tag."""
    why = "; ".join(part for part in (profile.reason, profile.note) if part)
    return f"{profile.tag}, {profile.tool or 'no tool'}" + (f": {why}" if why else "")


def on_gpu(timing: Timing | None) -> bool:
    """Whether the rows are kernels of a GPU."""
    return timing is not None and timing.device != "cpu"


def sentence(profile: TimeProfile, timing: Timing | None) -> str:
    """What takes most, and what bounds it, as far as that is known."""
    if not profile.rows:
        if profile.tool:
            return f"a call takes {seconds(profile.seconds)} in all; nothing is known of its parts."
        return "nothing is known of it."
    top, gpu = profile.rows[0], on_gpu(timing)
    of = "of the GPU's time" if gpu else "of the time"
    where = top.name if top.name.startswith(_OUTSIDE) else f"in {top.name}"
    said = [
        f"{100 * top.share:.0f} % {of} of a call ({seconds(top.seconds)} of "
        f"{seconds(profile.seconds)}) is spent {where}"
    ]
    launches = sum(r.calls for r in profile.rows)
    if gpu and timing and profile.seconds < BUSY * timing.seconds:
        said.append(
            f"its {launches:.0f} kernels fill {100 * profile.seconds / timing.seconds:.0f} % of a "
            f"call of {seconds(timing.seconds)}: the rest is launches, and waiting for the host"
        )
    said += _bound(top)
    if timing and timing.floor_seconds and timing.seconds > 0:
        what = "moving its inputs and outputs once" if "to move" in timing.floor_reason else ""
        what = what or "its least arithmetic"
        part = f"{100 * min(1.0, timing.floor_seconds / timing.seconds):.2g} %"
        said.append(f"at the device's peak {what} takes {part} of the call (modelled)")
    return "; ".join(said) + "."


def _bound(top: Hotspot) -> Sequence[str]:
    """Of the costliest kernel, where counters tell."""
    core, memory = (top.figures.get(name) for name in ("sm_throughput", "memory_throughput"))
    if core is None or memory is None:
        return ()
    rates = f"{memory:.0f} % of the memory's peak, {core:.0f} % of the multiprocessors'"
    if max(core, memory) < IDLE:
        return (f"it reaches {rates}: bound by latency, more work must be in flight",)
    if max(core, memory) < HIGH:
        return (f"it reaches {rates}",)
    return (f"it reaches {rates}: bound by {'memory' if memory >= core else 'arithmetic'}",)


def row(found: Hotspot) -> dict[str, str]:
    """A row as text: name, calls, time, share, more."""
    more = []
    if found.grid:
        more.append(f"grid {_sizes(found.grid)}, block {_sizes(found.block)}")
    more += [
        f"{found.figures[name]:.{digits}f} {text}"
        for name, text, digits in _FIGURES
        if found.figures.get(name)
    ]
    return {
        "name": found.name,
        "calls": f"{found.calls:.3g}" if found.calls else "-",
        "time": seconds(found.seconds),
        "share": f"{100 * found.share:.0f} %",
        "more": ", ".join(more),
    }


def _sizes(found: Sequence[int]) -> str:
    return "x".join(map(str, found)) or "?"
