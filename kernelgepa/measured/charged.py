"""What a candidate hides, charged to its time: block by block, as it is timed.

What a run hides belongs to what that run claims. Charged to all runs at once it would be little
where only some hide anything, though those are the ones that make it look fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kernelgepa.measured.hidden import Hidden, OnCpu
from kernelgepa.measured.statistics import Block, Estimate, estimate, middle, most
from kernelgepa.verdict import Timing


def charged(found: Timing, clock: Hidden, same: Sequence[Block]) -> Timing:
    """With what it does beside its calls added to their time; `same` are the A/A blocks.

    Noise makes that more than nothing: it can take a win, and does not make a loss.
    """
    blocks = clock.by(clock.main)
    if not blocks:
        return found
    seen = estimate(blocks, same)
    speedup = min(found.speedup, *_most(clock, seen))
    speedup *= _share(found.reference_seconds / speedup, clock.at_once())
    kept = found.low * speedup / found.speedup
    low = min(kept, seen.low)
    seconds = found.seconds * found.speedup / speedup
    return replace(
        found, seconds=seconds, speedup=speedup, low=low, hidden_seconds=seconds * (kept / low - 1)
    )


def _most(clock: Hidden, seen: Estimate) -> list[float]:
    """Speedups that it has at most. By the clock on the wall, and by messages on a GPU, nearly
    always: what a busy machine makes of them is at times less than nothing."""
    if not isinstance(clock, OnCpu):
        return [most(clock.by(clock.main))]
    wall, undisturbed = clock.by("wall"), clock.by("undisturbed")
    found = [seen.speedup]
    found += [most(wall)] if wall else []
    return found + ([middle(undisturbed)] if undisturbed else [])


def _share(seconds: float, more: float) -> float:
    return seconds / (seconds + more)
