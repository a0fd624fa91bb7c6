"""Nsight Compute's ncu on one call of a candidate: counters that no other tool reads.

Everything runs in the sandbox, the candidate and what finds out whether ncu may read counters here:
most machines leave that to their administrator. Why it is not used is kept in words.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.measured import wire
from kernelgepa.measured.profiles import ROWS, text
from kernelgepa.measured.seat import Seat
from kernelgepa.protocols import Limits, Sandbox, SandboxJob, SandboxOutcome
from kernelgepa.verdict import Hotspot, TimeProfile, WorkloadVerdict

DURATION = "gpu__time_duration.sum"
# Metrics of a launch, by the figure they are added to.
METRICS = {
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": "sm_throughput",
    "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed": "memory_throughput",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "occupancy",
    "launch__registers_per_thread": "registers",
    "launch__shared_mem_per_block_static": "shared_bytes",
    "launch__shared_mem_per_block_dynamic": "shared_bytes",
    "l1tex__t_requests_pipe_lsu_mem_local_op_ld.sum": "local_requests",
    "l1tex__t_requests_pipe_lsu_mem_local_op_st.sum": "local_requests",
}
LAUNCHES = 48  # of a call; every one is replayed several times
SECONDS = {"probe": 90.0, "candidate": 120.0}
SLOW = 20.0  # seconds a module may take to construct, to be constructed once more
ORDER = "order.bin"  # the message by which the sandboxed process constructs the module
_LOG, _LOG_BYTES = "ncu.csv", 16 << 20
_PLACES = ("/usr/local/cuda/bin/ncu", "/opt/nvidia/nsight-compute/*/ncu")
_UNITS = {"s": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}  # first letters of "nsecond", "us"
# By a link, as the folder that the package lies in may hold what nobody else is to read.
_START = """
import json, os, sys
package, found = json.loads(sys.argv[1])
os.symlink(package, "kernelgepa")
sys.path[:0] = [os.getcwd(), *found]
from kernelgepa.measured.ncu_inside import main
main(*sys.argv[2:])
"""


def program() -> Path | None:
    """ncu, where it is installed."""
    named = shutil.which("ncu")
    found = [Path(named)] if named else []
    for place in _PLACES:
        found += sorted(Path("/").glob(place.lstrip("/")), reverse=True)
    return next((p for p in found if os.access(p, os.X_OK)), None)


class Ncu:
    """ncu on one device. May be used from several threads, by nobody who holds the device."""

    def __init__(self, sandbox: Sandbox, device: str, wanted: bool = True) -> None:
        self._sandbox, self._device = sandbox, device
        self._lock = threading.Lock()
        self._refusal = None if wanted else "ncu is left out where no model reads its counters"

    def refusal(self) -> str:
        """Why it cannot be used here; empty if it can. Found out once, on a kernel of torch."""
        with self._lock:
            if self._refusal is None:
                found = program()
                self._refusal = (
                    self._run(found, "probe", {})[1] if found else "ncu is not installed"
                )
            return self._refusal

    def detailed(self, found: WorkloadVerdict, seat: Seat) -> WorkloadVerdict:
        """With counters in the profile, if it has one; the rest stays as it is."""
        known = found.time_profile
        return replace(found, time_profile=self.instead_of(known, seat)) if known else found

    def instead_of(self, known: TimeProfile, seat: Seat) -> TimeProfile:
        """A profile of the module that `seat` had, or the one that there is and why."""
        found, why = program(), self.refusal()
        if not why and seat.begun > SLOW:
            why = "ncu would have to construct the module once more, which takes too long"
        if why or found is None:
            return replace(known, reason=why)
        order = wire.pack({"do": "begin", **seat.order}, seat.payload)
        rows, why = self._run(found, "candidate", {ORDER: order})
        if why:
            return replace(known, reason=why)
        total = sum(row.seconds for row in rows)
        shared = [replace(row, share=row.seconds / total if total else 0.0) for row in rows]
        return TimeProfile(
            "ncu", "caches are cold", total, tuple(shared[:ROWS]), max(0, len(rows) - ROWS)
        )

    def _run(
        self, found: Path, what: str, files: Mapping[str, bytes]
    ) -> tuple[Sequence[Hotspot], str]:
        """Kernels, or why there are none."""
        try:
            done = self._sandbox.run(_job(found, what, files, self._device))
        except InfrastructureError as error:
            return (), text(f"ncu cannot be run in the sandbox: {error}", 300)
        log = done.files.get(_LOG, b"").decode("utf-8", "replace")
        rows = kernels(log)
        return (rows, "") if rows else ((), _why(done, log))


def _job(found: Path, what: str, files: Mapping[str, bytes], device: str) -> SandboxJob:
    import kernelgepa  # noqa: PLC0415
    from kernelgepa.sandbox import harness  # noqa: PLC0415

    package = Path(kernelgepa.__file__).resolve().parent
    python = Path(sys.executable).resolve()
    libraries = harness.interpreter_paths()
    within = [p for p in sys.path if any(Path(p).resolve().is_relative_to(x) for x in libraries)]
    metrics = ",".join([DURATION, *METRICS])
    places = (
        python, package, *libraries, found.parent, found.resolve().parent, Path("/opt/nvidia"),
        Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu"),
    )  # fmt: skip
    memory = min(64 << 30, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    return SandboxJob(
        argv=(
            "/usr/bin/env", "NV_COMPUTE_PROFILER_DISABLE_STOCK_FILE_DEPLOYMENT=1",
            str(found), "--csv", "--page", "raw", "--print-units", "base", "--log-file", _LOG,
            "--force-overwrite", "--target-processes", "all", "--profile-from-start", "off",
            "--clock-control", "none", "--launch-count", str(LAUNCHES), "--metrics", metrics,
            str(python), "-I", "-S", "-B", "-c", _START,
            json.dumps([str(package), within]), what, device,
        ),
        files=files,
        collect={_LOG: _LOG_BYTES},
        readable=tuple(p for p in places if p.exists()),
        limits=Limits(SECONDS[what], 600.0, memory, 1 << 20, 1 << 30, 256),
        devices=(device,),
    )  # fmt: skip


def _why(done: SandboxOutcome, log: str) -> str:
    """The first thing that ncu complains of, or how it ended."""
    said = "\n".join([log, *(s.decode("utf-8", "replace") for s in (done.stdout, done.stderr))])
    if "ERR_NVGPUCTRPERM" in said:
        return "ncu may not read the GPU's counters: ERR_NVGPUCTRPERM"
    errors = re.findall(r"^==ERROR== *(.+)$", said, re.M)
    errors = errors or re.findall(r"^==WARNING== *(.+)$", said, re.M)
    errors = errors or [line for line in said.splitlines() if line.strip()][-1:]
    how = f"it ended with {done.status}" + (f" {done.exit_code}" * (done.status == "nonzero"))
    return text("ncu fails: " + (f"{errors[0]} ({how})" if errors else how), 300)


def kernels(log: str) -> list[Hotspot]:
    """What `--csv --page raw` prints, by kernel, the costliest first; empty where that is nothing.

    Figures are those of a kernel's longest launch; shares are not set.
    """
    table = list(csv.reader(line for line in log.splitlines() if line and not line.startswith("=")))
    place = next((i for i, row in enumerate(table) if "Kernel Name" in row), None)
    if place is None or DURATION not in table[place] or place + 1 >= len(table):
        return []
    names, units = table[place], dict(zip(table[place], table[place + 1], strict=False))
    scale = _UNITS.get(units[DURATION][:1], 1e-9)
    rows = [
        dict(zip(names, row, strict=True)) for row in table[place + 2 :] if len(row) == len(names)
    ]
    found: dict[str, Hotspot] = {}
    longest: dict[str, float] = {}
    for row in rows:
        name, seconds = text(row["Kernel Name"]), scale * (_number(row[DURATION]) or 0.0)
        before = found.get(name, Hotspot(name, 0, 0.0, 0.0))
        if seconds >= longest.get(name, 0.0):
            longest[name] = seconds
            grid, block = (_sizes(row.get(f"{of} Size", "")) for of in ("Grid", "Block"))
            before = replace(before, grid=grid, block=block, figures=_figures(row))
        found[name] = replace(before, calls=before.calls + 1, seconds=before.seconds + seconds)
    return sorted(found.values(), key=lambda spot: -spot.seconds)


def _figures(row: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for metric, name in METRICS.items():
        value = _number(row.get(metric, ""))
        if value is not None:
            found[name] = found.get(name, 0.0) + value
    return found


def _number(found: str) -> float | None:
    """1,234.5, or nothing: a metric that a device does not have is "n/a"."""
    try:
        value = float(found.replace(",", ""))
    except ValueError:
        return None
    return value if 0 <= value < 1e15 else None


def _sizes(found: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d{1,12}", found)[:3])
