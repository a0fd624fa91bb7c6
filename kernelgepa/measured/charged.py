"""What a candidate hides, charged to its time: block by block, as it is timed.

What a run hides belongs to what that run claims. Charged to all runs at once it would be little
where only some hide anything, though those are the ones that make it look fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kernelgepa.measured.hidden import Hidden, OnCpu
from kernelgepa.measured.statistics import Block, estimate, middle, most
from kernelgepa.verdict import Timing


def charged(found: Timing, clock: Hidden, same: Sequence[Block]) -> Timing:
    """With what it does beside its calls added to their time; `same` are the A/A blocks.

    Noise makes that more than nothing: it can take a win, and does not make a loss.
    """
    if not clock.seen:
        return found
    main = [clock.by(name) for name in clock.main]
    seen = [estimate(blocks, same) for blocks in main]
    if isinstance(clock, OnCpu):
        ends = [one.speedup for one in seen] + _most(clock)
    else:
        ends = [most(blocks) for blocks in main]
    speedup = min(found.speedup, *ends)
    speedup *= _share(found.reference_seconds / speedup, clock.at_once())
    kept = found.low * speedup / found.speedup
    low = min(kept, *(one.low for one in seen))
    seconds = found.seconds * found.speedup / speedup
    return replace(
        found, seconds=seconds, speedup=speedup, low=low, hidden_seconds=seconds * (kept / low - 1)
    )


def _most(clock: OnCpu) -> list[float]:
    """Speedups that it has at most. What a busy machine makes of the clock on the wall is at times
    less than nothing: only the upper end of that counts, as of messages on a GPU."""
    wall, undisturbed = clock.by("wall"), clock.by("undisturbed")
    found = [most(wall)] if wall else []
    return found + ([middle(undisturbed)] if undisturbed else [])


def _share(seconds: float, more: float) -> float:
    return seconds / (seconds + more)
