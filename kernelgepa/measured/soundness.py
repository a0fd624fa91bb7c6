"""What a reference shows of itself before anything is compared with it."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgepa.measured.outputs import Answer, Own, compared, finite, sizes
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.task import Tolerance

_FIRST = Which(0, seed=1)
_CALLED = 3  # of inputs that show whether sets can be mixed
_NOTHING = "there is nothing to compare with"


def unsteady(first: Seat, second: Seat, one: Answer, tolerance: Tolerance | None) -> str:
    """Why a reference is no function of its inputs and parameters; empty where it is one.

    `one`: the answer in `first` to the first set of inputs. Raises Failed.
    """

    def same(seat: Seat, which: Which) -> bool:
        return compared(seat.call(which), one, None, 0.0, tolerance, explain=False).good

    again, other = same(second, _FIRST), same(second, Which(0, seed=2))
    if again and other:
        return ""
    if not again and not _inputs_agree(first, second):
        return (
            "its get_inputs gives other values under the same seed (of torch, random and "
            f"numpy.random); {_NOTHING}"
        )
    if again and same(second, _FIRST):
        return (
            "the reference draws random numbers (nondeterministic), as dropout does unless its "
            f"module is in eval mode; {_NOTHING}"
        )
    if again:
        return (
            "the reference keeps something between calls (nondeterministic): its second call "
            f"gives other outputs for the same inputs; {_NOTHING}"
        )
    return (
        "the reference gives other outputs for the same inputs and parameters "
        f"(nondeterministic); {_NOTHING}"
    )


def _inputs_agree(first: Seat, second: Seat) -> bool:
    ours, theirs = (seat.inputs(_FIRST).outputs for seat in (first, second))
    return len(ours) == len(theirs) and all(
        (a.shape, a.dtype, bytes(a.data)) == (b.shape, b.dtype, bytes(b.data))
        for a, b in zip(ours, theirs, strict=True)
    )


def valid(seat: Seat, made: Sequence[Which], plain: Answer) -> bool:
    """Whether inputs made of those drawn are what they are, and the reference makes of the first
    of them what it makes of plain ones: numbers. One may be so by luck: of two permutations of
    three a mixture often is one. Raises Failed where it cannot begin again."""
    try:
        return seat.keeps(made) and all(_alike(seat.call(one), plain) for one in made[:_CALLED])
    except Failed:
        seat.begin()
        return False


def _alike(found: Answer, plain: Answer) -> bool:
    same = [o.shape for o in plain.outputs] == [o.shape for o in found.outputs]
    return same and (finite(found) or not finite(plain))


def oracle(seat: Seat, one: Answer, tolerance: Tolerance | None) -> tuple[bool, Own]:
    """Whether the reference in float64 can be compared with, and its own errors against that.

    Raises Failed where it cannot begin again.
    """
    try:
        exact = seat.exact(_FIRST)
    except Failed:
        seat.begin()
        return False, Own()
    if [o.shape for o in exact.outputs] != [o.shape for o in one.outputs]:
        return False, Own()
    found = compared(one, one, exact, 0.0, tolerance)
    shares = (e / s if s else 0.0 for e, s in zip(found.error, sizes(exact), strict=True))
    return found.good, Own(found.error, tuple(shares))
