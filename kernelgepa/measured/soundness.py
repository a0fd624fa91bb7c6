"""What a reference shows of itself before anything is compared with it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.measured.outputs import Answer, Own, compared, finite, own_errors, sizes
from kernelgepa.measured.seat import FIRST, Failed, Seat, Which, asked
from kernelgepa.task import Tolerance
from kernelgepa.verdict import Stage, WorkloadVerdict

_OTHER = Which(0, seed=2)
HALF, UNEVEN = Which(0, scale=0.5, seed=1), Which(0, seed=1, uneven=True)
_CALLED = 3  # of inputs that show whether sets can be mixed
_ASKING = 1.0  # seconds in which a reference is tried on inputs on which a candidate raised
_LINE = re.compile(r'File "problem\.py", line (\d+)')
_HELP = (
    (
        re.compile(r"No module named '([\w-]+)"),
        r"install it where kernels are run, as by `pip install \1`, or take it out",
    ),
    (
        re.compile(r"not compiled with CUDA|CUDA driver|NVIDIA driver|No CUDA GPUs"),
        "it asks for a CUDA device: choose one (--device cuda:0), or take that out",
    ),
    (
        re.compile(r"(?:not implemented for|[Uu]nsupported dtype) '?(?:Half|BFloat16|Float8)"),
        "not every device has that type for this operation: take float32, or another --device",
    ),
    (
        re.compile(r"allocate memory|out of memory", re.IGNORECASE),
        "it is too large for this device: make its sizes smaller, as --sizes fitting does",
    ),
    (
        re.compile(r"does not require grad"),
        "forward is called without gradients: let it compute them under torch.enable_grad()",
    ),
)
_NOTHING = "there is nothing to compare with"


def first_of(references: int) -> list[list[dict[str, Any]]]:
    """What each is asked at first."""
    again = [asked("call", which) for which in (FIRST, _OTHER)]
    return [again[:1], again, *([] for _ in range(references - 2))]


def others(mixed: Sequence[Which], floats: bool, exact: bool) -> list[dict[str, Any]]:
    """What one is asked besides, of those `mixed` as `valid` does."""
    made = list[dict[str, Any]]()
    for which in [mixed, [HALF], [UNEVEN]] if floats else []:
        made += [asked("keeps", which)] if which else []
        made += [asked("call", one) for one in which[:_CALLED]]
    return made + ([asked("exact", FIRST)] if exact else [])


def unsteady(first: Seat, second: Seat, one: Answer, tolerance: Tolerance | None) -> str:
    """Why a reference is no function of its inputs and parameters; empty where it is one.

    `one`: the answer in `first` to the first set of inputs. Raises Failed.
    """

    def same(seat: Seat, which: Which) -> bool:
        return compared(seat.call(which), one, None, 0.0, tolerance, explain=False).good

    again, other = same(second, FIRST), same(second, _OTHER)
    if again and other:
        return ""
    if not again and not _inputs_agree(first, second):
        return (
            "its get_inputs gives other values under the same seed (of torch, random and "
            f"numpy.random); {_NOTHING}"
        )
    if again and same(second, FIRST):
        return (
            "the reference draws random numbers (nondeterministic), as dropout does unless its "
            f"module is in eval mode; {_NOTHING}: call self.eval() at the end of Model's "
            "constructor, or take them out"
        )
    if again:
        return (
            "the reference keeps something between calls (nondeterministic): its second call "
            f"gives other outputs for the same inputs; {_NOTHING}: let forward take what it keeps "
            "as an argument, from get_inputs, and return it"
        )
    return (
        "the reference gives other outputs for the same inputs and parameters "
        f"(nondeterministic); {_NOTHING}"
    )


def extended(one: Answer, references: Sequence[Seat], order: dict[str, Any]) -> Answer:
    """The same answer, with the inputs in which it leaves results, such as a cache: those belong to
    the outputs from now on. Raises Failed."""
    if not one.left:
        return one
    order["left"] = list(one.left)
    for seat in references:
        seat.leave(one.left)
    return references[0].call(FIRST)


def _inputs_agree(first: Seat, second: Seat) -> bool:
    ours, theirs = (seat.inputs(FIRST).outputs for seat in (first, second))
    return len(ours) == len(theirs) and all(
        (a.shape, a.dtype, bytes(a.data)) == (b.shape, b.dtype, bytes(b.data))
        for a, b in zip(ours, theirs, strict=True)
    )


def blamed(failure: Failed, device: str) -> str:
    """Why a reference cannot be run, with the line of its file, and what may help."""
    said = (str(failure).splitlines() or ["it failed without a message"])[0]
    lines = _LINE.findall(failure.detail)
    where = f"line {lines[-1]}: " if lines else ""
    helps = (m.expand(text) for pattern, text in _HELP if (m := pattern.search(said)))
    return "; ".join([f"the reference cannot be run on {device}: {where}{said}", *helps])


def ended(
    workload: str, failure: Failed, reference: Seat, fresh: Callable[[], Mapping[str, Any]] | None
) -> WorkloadVerdict:
    """Of a candidate whose process has ended. Raises Failed where it was the reference that
    raised, or where that, too, raises on inputs such as timed calls get.

    `fresh`: of a candidate that was timed, what a run is given; else it raised on inputs that the
    reference takes.
    """
    if failure.of_reference:
        raise failure
    end = time.perf_counter() + _ASKING
    while fresh and failure.note.code == "error" and time.perf_counter() < end:
        reference.run(**fresh())
    return WorkloadVerdict(workload, Stage.RUN, 0.0, (failure.note,))


def returned(one: Answer) -> str:
    """What a reference returns that is nothing to compare with."""
    said = one.form if all(name in one.form for name in one.odd) else ", ".join(one.odd)
    return f"the reference returns {said}; expected plain tensors, also in lists, tuples and dicts"


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


def varied(
    seat: Seat, one: Answer, sets: int, exact: bool, tolerance: Tolerance | None
) -> list[tuple[int, str]]:
    """How inputs that are the same in all sets may vary, by place: in the first way that the
    reference takes as well as what they are. Raises Failed where it cannot begin again."""
    taken: list[tuple[int, str]] = []
    for place, ways in seat.ways:
        for way in ways:
            if _takes(seat, [*taken, (place, way)], one, sets, exact, tolerance):
                taken.append((place, way))
                break
        else:
            seat.vary(taken)
    return taken


def _takes(
    seat: Seat, how: Sequence[tuple[int, str]], one: Answer, sets: int, exact: bool,
    tolerance: Tolerance | None,
) -> bool:  # fmt: skip
    """Whether the reference makes of them what it makes of plain ones, and in float64 the same."""
    try:
        return seat.vary(how) and all(
            sound(seat, Which(number, seed=1), one, exact, tolerance) for number in range(sets)
        )
    except Failed:
        seat.begin()
        return False


def sound(seat: Seat, which: Which, one: Answer, exact: bool, tolerance: Tolerance | None) -> bool:
    """Whether it makes numbers of them as of plain inputs, in float64 the same. Raises Failed."""
    found = seat.call(which)
    if not _alike(found, one):
        return False
    return not exact or compared(found, found, seat.exact(which), 0.0, tolerance).good


def oracle(seat: Seat, one: Answer, tolerance: Tolerance | None) -> tuple[bool, Own]:
    """Whether the reference in float64 can be compared with, and its own errors against that.

    Raises Failed where it cannot begin again.
    """
    try:
        exact = seat.exact(FIRST)
    except Failed:
        seat.begin()
        return False, Own()
    if [o.shape for o in exact.outputs] != [o.shape for o in one.outputs]:
        return False, Own()
    found = compared(one, one, exact, 0.0, tolerance)
    errors = own_errors(one, exact, tolerance)
    shares = (e / s if s else 0.0 for e, s in zip(errors, sizes(exact), strict=True))
    return found.good, Own(errors, tuple(shares))
