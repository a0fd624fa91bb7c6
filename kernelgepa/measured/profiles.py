"""Where a measured kernel's time goes, as the judge takes it down: a hint, whatever it says.

The candidate's own process tells, so nothing of it decides anything; what is malformed is a note.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.task import Workload
from kernelgepa.verdict import Hotspot, TimeProfile

CALLS, LONG = 3, 0.03  # calls profiled, unless one takes so many seconds
ROWS = 10
NAME = 160  # characters of a kernel's name
OUTSIDE = "outside of torch's operations (Python, compiled code of its own)"
FIGURES = (
    "registers", "shared_bytes", "occupancy", "sm_throughput", "memory_throughput",
    "local_requests",
)  # fmt: skip
_TOOLS = ("torch.profiler", "events")
_MOST = 1e12


class _Malformed(ValueError):
    """An answer that is no profile."""


def profile(seat: Seat, which: Which, seconds: float) -> TimeProfile:
    """What the process says of its calls, each of which takes so many seconds."""
    try:
        return read(seat.profile(which, CALLS if seconds < LONG else 1))
    except (Failed, InfrastructureError) as error:
        return TimeProfile("", note=text(f"no profile: {error}", 300))


def read(said: Mapping[str, Any]) -> TimeProfile:
    """A profile of an answer that may hold anything."""
    try:
        tool = said.get("tool")
        if tool not in _TOOLS:
            raise _Malformed("its process names no tool")
        seconds = _number(said.get("seconds"))
        rows = [_row(row, seconds) for row in _list(said.get("rows"))]
        rows.sort(key=lambda row: -row.seconds)
        left = max(0, len(rows) - ROWS) + int(_number(said.get("omitted", 0)))
        note = text(str(said.get("note", "")), 300)
    except _Malformed as error:
        return TimeProfile("", note=f"no profile: {error}")
    return TimeProfile(str(tool), "", seconds, tuple(rows[:ROWS]), left, note)


def costliest(workloads: Sequence[Workload]) -> str:
    """The workload to profile: the one with the largest sizes; one is enough to learn from."""
    return max(workloads, key=lambda w: math.prod(max(1, v) for v in w.scalars.values())).name


def text(found: str, most: int = NAME) -> str:
    """One line of what somebody else has written, with nothing that a terminal or table obeys."""
    plain = "".join(c if c.isprintable() and c not in "|`" else " " for c in found)
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def _row(data: Any, total: float) -> Hotspot:
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        raise _Malformed("a row has no name")
    seconds, figures = _number(data.get("seconds")), data.get("figures", {})
    if not isinstance(figures, Mapping):
        raise _Malformed("figures are no table")
    return Hotspot(
        text(data["name"]) or OUTSIDE,
        _number(data.get("calls")),
        seconds,
        min(1.0, seconds / total) if total > 0 else 0.0,
        _sizes(data.get("grid", [])),
        _sizes(data.get("block", [])),
        {name: _number(figures[name]) for name in FIGURES if name in figures},
    )


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list) or len(found) > 1000:
        raise _Malformed("rows are no list")
    return found


def _sizes(found: Any) -> tuple[int, ...]:
    if len(_list(found)) > 3:
        raise _Malformed("a grid has three sizes at most")
    return tuple(int(_number(n)) for n in found)


def _number(found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _Malformed("a number is missing")
    if not 0 <= found <= _MOST:
        raise _Malformed("a number cannot be")
    return float(found)
