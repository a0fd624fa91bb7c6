"""What a profile speaks for: the variants of vectorising that ease what limits the hottest loop."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgepa.verdict import LoopProfile, Profile


def favoured(profiles: Sequence[Profile]) -> tuple[str, ...]:
    """Names of variants, the most promising first; empty where the profile tells nothing."""
    loops = [loop for p in profiles for loop in p.loops]
    if not loops:
        return ()
    hot = max(loops, key=lambda loop: loop.cycles)
    resource = max(hot.resource_bound.values(), default=0)
    if hot.ii is None:
        return ("vectorise-bf16", "vectorise-pairs")
    if hot.recurrence_bound >= max(resource, 2):
        return ("vectorise-chains", "vectorise-pairs", "vectorise-wide")
    if _busiest(hot) in ("vec", "st"):
        return ("vectorise-bf16", "vectorise-wide")
    return ("vectorise-wide", "vectorise-bf16")


def _busiest(loop: LoopProfile) -> str:
    return max(loop.resource_bound, key=lambda slot: loop.resource_bound[slot], default="")
