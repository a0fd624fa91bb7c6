"""The least time a device needs for a reference's work. A time below it is impossible.

It must never be above what an honest kernel takes, so it counts only what no algebra avoids:

* bytes of inputs, parameters and outputs, once, where the work needs all of them: not through
  gathers, slices or masks. Never of intermediates, which a fused kernel does not store.
* operations of matrix products and convolutions whose whole result is needed as it is: it is an
  output, or a nonlinear function is taken of it. `(x @ w).sum()` needs no matrix product, `a @ b
  @ c` may be bracketed otherwise, a triangular or diagonal or repeated operand has shorter ways.
  A convolution counts one product an output and channel, as Winograd's and Fourier's ways need;
  and all of it is divided by SHORTCUTS, for Strassen's way and causal masks.

`trace` runs in a worker, because it executes the problem; it allocates nothing and needs no
device. `floor` compares what it found with a device's `Peaks` (`peaks.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kernelgepa.measured import wire
from kernelgepa.measured.executed import executed
from kernelgepa.measured.following import called, followed

SHORTCUTS = 4.0


@dataclass(frozen=True)
class Work:
    """What one call of a reference has to do at least. `flops` by dtype ("float32")."""

    flops: Mapping[str, float] = field(default_factory=dict)
    bytes: float = 0.0
    note: str = ""  # why there is less here than the reference does, for people
    terms: int = 1  # the most that one of its results is a sum of


@dataclass(frozen=True)
class Peaks:
    """What a device can do at most. Speeds a second; `cache` in bytes, kept from call to call."""

    device: str
    flops: Mapping[str, float]  # by dtype; other dtypes are not limited
    memory: float
    cache: float
    cache_speed: float


def floor(work: Work, peaks: Peaks) -> float | None:
    """Seconds below which no call can be; None where nothing is known."""
    seconds = max((s for s, _ in _terms(work, peaks)), default=0.0)
    return seconds if seconds > 0 else None


def why(work: Work, peaks: Peaks) -> str:
    """The floor in words, for people: what it comes from. Empty where there is none."""
    seconds, text = max(_terms(work, peaks), default=(0.0, ""))
    return f"{peaks.device} needs {seconds:.3g} s at least {text} (modelled)" if seconds > 0 else ""


def _terms(work: Work, peaks: Peaks) -> Iterable[tuple[float, str]]:
    beyond = max(0.0, work.bytes - peaks.cache)
    yield beyond / peaks.memory, f"to move {beyond:.3g} bytes beyond its cache"
    yield work.bytes / peaks.cache_speed, f"to move {work.bytes:.3g} bytes"
    known = {t: n for t, n in work.flops.items() if t in peaks.flops}
    seconds = sum(n / SHORTCUTS / peaks.flops[t] for t, n in known.items())
    yield seconds, f"for {sum(known.values()):.3g} operations, a {SHORTCUTS:g}th of them counted"


def answer(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """In a worker: `trace`, as a message."""
    return wire.pack(asdict(trace(executed(head["problem"]))))


def trace(problem: Mapping[str, Any]) -> Work:
    """The work of one call, from the names of an executed problem: Model, get_inputs and
    get_init_inputs. Parameters and inputs are not made, only their shapes.

    Work whose note says so, and nothing else, where a problem cannot be followed without values.
    """
    found, note = followed(lambda: _followed(problem))
    return Work(note=f"no floor: {note}") if found is None else found


def _followed(problem: Mapping[str, Any]) -> Work:
    import torch  # noqa: PLC0415
    from torch.utils._pytree import tree_leaves  # noqa: PLC0415

    from kernelgepa.measured.tape import tape  # noqa: PLC0415

    recorded = tape()
    model, inputs, outputs = called(problem, recorded, recorded.start)
    parameters = [*model.parameters(), *model.buffers()] if hasattr(model, "parameters") else []
    work: Work = recorded.graph.work(
        [t for t in tree_leaves(inputs) if torch.is_tensor(t)],
        parameters,
        [t for t in tree_leaves(outputs) if torch.is_tensor(t)],
    )
    return work
