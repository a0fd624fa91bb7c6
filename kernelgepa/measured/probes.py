"""Calls that tell whether a candidate's outputs depend on what they must, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.measured.outputs import Answer, finite
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.verdict import Diagnostic

Compare = Callable[[Answer, Answer], bool]  # got, wanted


def wanted(reference: Seat, options: Sequence[Which]) -> tuple[Which, Answer | None]:
    """Of calls at several scales the first whose inputs are what all sets are, such as in order,
    and that the reference makes numbers of. Raises Failed."""
    for which in options:
        try:
            if which.scale < 0.0 and not reference.keeps([which]):
                continue
            found = reference.call(which)
        except Failed:
            if which.scale == 1.0 and which.other is None:
                raise
            reference.begin()
            continue
        if which.scale == 1.0 or finite(found):
            return which, found
    return options[0], None


def overwritten(
    reference: Seat,
    seat: Seat,
    one: Which,
    then: Which,
    specs: Sequence[Mapping[str, Any]],
    good: Compare,
) -> Diagnostic | None:
    """Whether a later call writes over the outputs of an earlier one. Raises Failed."""
    want = reference.call(one)
    if not good(reference.call(one, then=then), want) or good(seat.call(one, specs, then), want):
        return None  # the reference's are a view of its inputs, too; or all is well
    return Diagnostic(
        "its next call writes over the outputs it has given: all calls share their memory",
        code="stale",
    )


def common_weights(reference: Seat, seat: Seat) -> tuple[str, ...]:
    """Hashes of the reference's own parameters that a candidate holds, so that both can be changed,
    whatever else it holds."""
    return tuple(sorted(set(reference.weights) & set(seat.weights)))


def prepared(reference: Seat, seat: Seat) -> tuple[str, ...]:
    """A label, where a candidate may have worked on parameters that nobody can change in it."""
    wanted = set(reference.weights)
    held = wanted & set(seat.weights)
    if held == wanted:
        return ()
    return (
        f"prepared: it holds {len(held)} of the reference's {len(wanted)} parameters as they are; "
        "what it makes of others before its first call is not timed",
    )


def outdated(
    reference: Seat, seat: Seat, which: Which, seed: int, good: Compare
) -> Diagnostic | None:
    """Whether it goes by parameters that are no longer there. Raises Failed."""
    for each in (reference, seat):
        each.change(seed)
    if good(seat.call(which), reference.call(which)):
        return None
    return Diagnostic(
        "its outputs are wrong once its parameters have been changed in place: it keeps what it "
        "made of them, as after load_state_dict",
        code="stale",
    )


def other_start(reference: Seat, seat: Seat) -> list[Diagnostic]:
    """What may explain wrong values of a candidate whose parameters are not the reference's."""
    if not reference.weights or not seat.weights or set(reference.weights) <= set(seat.weights):
        return []
    text = (
        "its parameters start with other values than the reference's; both are made under one "
        "seed, so that they are the same where its constructor draws the same in the same order"
    )
    return [Diagnostic(text, "note", code="other-parameters")]


def varied(places: Sequence[int]) -> list[Diagnostic]:
    """What may explain wrong values of a candidate that takes an input for known."""
    if not places:
        return []
    which = ", ".join(str(place + 1) for place in sorted(places))
    text = (
        f"get_inputs gives the same values every time for input {which}; a kernel is also given "
        "others, which the reference takes as well, and may not take them for known"
    )
    return [Diagnostic(text, "note", code="constant-input")]


def left(names: Sequence[str]) -> list[Diagnostic]:
    """What may explain wrong values of outputs that the reference does not return."""
    if not names:
        return []
    text = (
        f"the reference writes to its inputs ({', '.join(names)}) and does not return them; what a "
        "kernel leaves there is compared as well, after its outputs"
    )
    return [Diagnostic(text, "note", code="input-written")]


def manners(got: Answer, want: Answer, names: Sequence[str]) -> list[Diagnostic]:
    """What a candidate may not do beside its outputs, where the reference does not either.

    `names`: of the inputs, for people.
    """
    notes = []
    if changed := sorted(set(got.changed) - set(want.changed)):
        given = ", ".join(names[i] if i < len(names) else str(i + 1) for i in changed)
        notes.append(Diagnostic(f"it writes to its inputs ({given})", code="input-changed"))
    if set(got.flags) - set(want.flags):
        names = ", ".join(flag for flag in got.flags if flag not in want.flags)
        notes.append(Diagnostic(f"it changes global settings: {names}", code="policy-precision"))
    if got.aliased and not want.aliased:
        text = "two of its outputs share memory, and none of the reference's do"
        notes.append(Diagnostic(text, code="aliased"))
    return notes
