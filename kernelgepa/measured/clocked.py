"""In the sandbox: the clocks around calls, one by one or without a pause. What the process of a
candidate says of them is its word (hidden.py)."""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from kernelgepa.measured.digest import moved
from kernelgepa.measured.drawing import summed

_clock, _processor = time.perf_counter, time.process_time

_FLUSH_BYTES = 256 << 20
Which = dict[str, Any]  # of a call's inputs


@dataclass(frozen=True)
class Subject:
    """What is called, with the buffers that `fill` fills; `keep` takes its outputs, and tells their
    hash on a CPU; `changed` is told of a call after which the buffers hold something else."""

    call: Callable[..., Any]
    buffers: Sequence[Any]
    fill: Callable[[Which], list[Any]]
    keep: Callable[[Any, Which], str]
    changed: Callable[[Which], Any]
    flush: Callable[[int], Any]
    reset: Callable[[], Any]
    home: Callable[[], Any]


def prepared(device: Any) -> tuple[Callable[[int], Any], Callable[[], Any], Callable[[], Any]]:
    """A GPU's `flush`, `home` and `reset`, made before any code of a candidate is there, so that
    it finds nothing to replace."""
    stream, select = torch.cuda.current_stream(device), torch.cuda.set_stream
    zero = torch.empty(_FLUSH_BYTES // 4, dtype=torch.int32, device=device).zero_

    def flush(times: int) -> None:
        for _ in range(times):
            zero()

    reset: Callable[[], Any] = lambda: None  # noqa: E731
    with contextlib.suppress(OSError, AttributeError):
        reset = ctypes.CDLL("libcuda.so.1").cuCtxResetPersistingL2Cache
    return flush, lambda: select(stream), reset


def on_cpu(subject: Subject, calls: Sequence[Which]) -> dict[str, Any]:
    host, used, given = [], [], []
    call, buffers, earlier = subject.call, subject.buffers, ""
    for of in calls:
        which = {**of, "at": moved(of["at"], earlier)} if "at" in of else of
        flat = subject.fill(which)
        given.append(summed(flat))
        before = _processor()
        start = _clock()
        out = call(*buffers)
        host.append(_clock() - start)
        used.append(_processor() - before)
        earlier = subject.keep(out, which)
        del out
        if summed(flat) != given[-1]:
            subject.changed(which)
    return {"seconds": host, "host": host, "used": used, "given": given}


def on_gpu(subject: Subject, calls: Sequence[Which], flushes: int) -> dict[str, Any]:
    seconds, host, used = [], [], []
    call, buffers = subject.call, subject.buffers
    stream = torch.cuda.current_stream()
    for which in calls:
        subject.fill(which)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        subject.reset()
        torch.cuda.synchronize()
        start = _clock()
        subject.flush(flushes)  # meanwhile the host gets ahead: launches cost no time
        ahead = _clock()
        begin.record(stream)
        out = call(*buffers)
        end.record(stream)
        used.append(_clock() - ahead)
        torch.cuda.synchronize()
        host.append(_clock() - start)
        subject.home()
        seconds.append(begin.elapsed_time(end) / 1e3)
        subject.keep(out, which)
        del out
    return {"seconds": seconds, "host": host, "used": used}


def together(subject: Subject, calls: Sequence[Which], flushes: int) -> dict[str, Any]:
    """Calls of a GPU without a pause, queued while it is kept busy: what the message takes is then
    the device's time. `used`: what the host took to queue a call, with all that belongs to it."""
    between = []
    call, buffers = subject.call, subject.buffers
    stream = torch.cuda.current_stream()
    subject.reset()
    torch.cuda.synchronize()
    start = _clock()
    subject.flush(flushes)
    queued = _clock()
    for which in calls:
        subject.fill(which)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record(stream)
        out = call(*buffers)
        end.record(stream)
        subject.home()
        between.append((begin, end))
        subject.keep(out, which)
        del out
    count, launched = len(between), _clock() - queued
    torch.cuda.synchronize()
    host = [(_clock() - start) / count] * count
    seconds = [begin.elapsed_time(end) / 1e3 for begin, end in between]
    return {"seconds": seconds, "host": host, "used": [launched / count] * count}
