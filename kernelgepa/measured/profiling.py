"""In the worker: where calls spend their time, by torch's profiler, or by events around a call.

torch.autograd.profiler and not torch.profiler, which imports torch's compiler (a second, in every
process). What kineto has recorded is read from its trace, the only place where a kernel's grid,
registers and occupancy are.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

ROWS = 32  # told; the judge keeps fewer
SETTLING = 3  # calls that do not count
_MARK = "kernelgepa: calls"
_TRACE = Path("profile-trace.json")
_ON_DEVICE = ("kernel", "gpu_memcpy", "gpu_memset")
_FIGURES = {
    "registers per thread": "registers",
    "shared memory": "shared_bytes",
    "est. achieved occupancy %": "occupancy",
}
# What recording may raise: CUPTI that is not permitted, a full disk, a trace unlike any known.
_FAILS = (RuntimeError, AssertionError, OSError, ValueError, LookupError, TypeError, AttributeError)


def profiled(call: Callable[[], Any], device: torch.device, count: int) -> dict[str, Any]:
    """`tool`, `seconds` and `rows` of one of `count` calls; `note`: why not by a better tool."""

    def run() -> float:
        start = time.perf_counter()
        for _ in range(count):
            call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start

    note = ""
    try:
        # A profiler that starts takes memory that calls had, which the next ones of a CPU pay for.
        before = SETTLING if device.type == "cpu" and count > 1 else 0
        events, seconds = _recorded(call, before, run, device)
        rows = _kernels(events) if device.type == "cuda" else _operations(events, seconds)
        if rows:
            told = sorted(rows.values(), key=lambda row: -row["seconds"])
            total = seconds if device.type == "cpu" else sum(r["seconds"] for r in told)
            said = {"tool": "torch.profiler", "seconds": total / count, "omitted": 0, "note": ""}
            for row in told:
                row["seconds"] /= count
                row["calls"] /= count
            return {**said, "rows": told[:ROWS], "omitted": max(0, len(told) - ROWS)}
        note = "torch.profiler has seen nothing"
    except _FAILS as error:
        note = f"torch.profiler fails: {type(error).__name__}: {error}"[:300]
    return {"tool": "events", "seconds": _by_events(call, device), "rows": [], "note": note}


def bracketed(call: Callable[[], Any]) -> dict[str, Any]:
    """A call between the marks that ncu looks for, after one that is not."""
    call()
    torch.cuda.synchronize()
    torch.cuda.profiler.start()
    call()
    torch.cuda.synchronize()
    torch.cuda.profiler.stop()
    return {}


def _recorded(
    call: Callable[[], Any], before: int, run: Callable[[], float], device: torch.device
) -> tuple[list[Any], float]:
    """Events of a trace from `run` on, and seconds by the host's clock."""
    from torch.autograd.profiler import profile, record_function  # noqa: PLC0415

    on_gpu = "cuda" if device.type == "cuda" else None
    recording = profile(use_cpu=True, use_device=on_gpu, use_kineto=True)
    with recording:
        for _ in range(before):
            call()
        with record_function(_MARK):
            seconds = run()
    try:
        recording.export_chrome_trace(str(_TRACE))
        text = _TRACE.read_text(encoding="utf-8", errors="replace")
        events = list(json.loads(text)["traceEvents"])
        begun = [e["ts"] for e in events if e.get("name") == _MARK and e.get("ph") == "X"]
        start = min(begun, default=0) if before else 0  # a GPU's clock need not be the host's
        return [e for e in events if e.get("ts", 0) >= start], seconds
    finally:
        _TRACE.unlink(missing_ok=True)


def _kernels(events: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the GPU did, by name; the figures are those of the longest launch."""
    rows: dict[str, dict[str, Any]] = {}
    longest: dict[str, float] = {}
    for event in events:
        if event.get("cat") not in _ON_DEVICE:
            continue
        name, seconds = str(event["name"]), float(event["dur"]) / 1e6
        row = rows.setdefault(name, {"name": name, "calls": 0, "seconds": 0.0})
        row["calls"] += 1
        row["seconds"] += seconds
        if seconds >= longest.get(name, 0.0):
            longest[name], given = seconds, event.get("args", {})
            row["grid"], row["block"] = (list(given.get(k, ())) for k in ("grid", "block"))
            row["figures"] = {ours: given[k] for k, ours in _FIGURES.items() if k in given}
    return rows


def _operations(events: Iterable[Mapping[str, Any]], seconds: float) -> dict[str, dict[str, Any]]:
    """Operations of torch by the time that is not another's within them; the rest is outside."""
    found = [e for e in events if e.get("cat") == "cpu_op" and "dur" in e]
    found.sort(key=lambda e: (str(e["tid"]), float(e["ts"]), -float(e["dur"])))
    rows: dict[str, dict[str, Any]] = {}
    above: list[tuple[Any, float, dict[str, Any]]] = []  # thread, end, row of operations begun
    for event in found:
        start, took = float(event["ts"]), float(event["dur"])
        while above and (above[-1][0] != event["tid"] or above[-1][1] <= start):
            above.pop()
        name = str(event["name"])
        row = rows.setdefault(name, {"name": name, "calls": 0, "seconds": 0.0})
        row["calls"] += 1
        row["seconds"] += took / 1e6
        if above:
            above[-1][2]["seconds"] -= took / 1e6
        above.append((event["tid"], start + took, row))
    for row in rows.values():
        row["seconds"] = max(0.0, row["seconds"])
    rest = seconds - sum(row["seconds"] for row in rows.values())
    if rest > 0:
        rows[""] = {"name": "", "calls": 0, "seconds": rest}
    return rows


def _by_events(call: Callable[[], Any], device: torch.device) -> float:
    """Seconds of one call as a whole."""
    if device.type != "cuda":
        start = time.perf_counter()
        call()
        return time.perf_counter() - start
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    call()
    end.record()
    torch.cuda.synchronize(device)
    return float(begin.elapsed_time(end)) / 1e3
