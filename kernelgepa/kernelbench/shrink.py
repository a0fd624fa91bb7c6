"""Smaller problems of the same kind: sizes in the text are rewritten, nothing else.

Structure (kernel sizes, strides, groups, heads, counts of layers) stays. A size stays a multiple
of every small number in the problem that it was a multiple of, equal sizes stay equal, and where
one size was a multiple of another it still is. Whether a smaller problem still runs is found by
running it; candidates come in the order to try.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kernelgepa.kernelbench.inspect import Inspection, inspect
from kernelgepa.kernelbench.problems import Problem, digest
from kernelgepa.kernelbench.sizes import Kind, Size

FLOOR: Mapping[Kind, int] = {"batch": 2, "extent": 8, "feature": 8}
_WINDOW = re.compile(r"kernel|window|patch|pool|block|chunk")
_MOST_HALVINGS = 24


@dataclass(frozen=True)
class Change:
    """One number rewritten."""

    label: str
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.label} {self.old} -> {self.new}"


@dataclass(frozen=True)
class Shrunk:
    """A problem with other sizes. Its `problem` has its own digest; level and id are the same."""

    problem: Problem
    of: str  # digest of the problem as shipped
    changes: tuple[Change, ...]
    input_bytes: int | None
    factor: float  # bytes of inputs as shipped over those here; of the sizes where not known

    @property
    def label(self) -> str:
        """What every number measured on it must be shown with."""
        how = f"shrunk {self.factor:.4g}x" if self.factor > 1 else "other sizes"
        return f"{how}: {', '.join(map(str, self.changes))}"


def candidates(problem: Problem, inspection: Inspection | None = None) -> list[Shrunk]:
    """Smaller versions in the order to try.

    First the batch is halved again and again, then extents (lengths, heights, widths), then
    features with their weights: each is smaller than the one before. At the end come features
    without extents, for problems whose extents are fixed by their layers. Empty where no number
    can be changed: `why_none` says why.
    """
    read = inspection or inspect(problem)
    made: dict[str, Shrunk] = {}
    for divided in _ladder(read.sizes):
        new = _smaller(read, divided)
        one = _apply(problem, read, new)
        if one.changes and (one.input_bytes is not None or read.input_bytes is None):
            made.setdefault(one.problem.digest, one)
    return list(made.values())


def slimmer(
    problem: Problem,
    inspection: Inspection,
    aim_bytes: int,
    most_bytes: int,
    weigh: Callable[[Problem], int],
) -> Shrunk | None:
    """The largest version with smaller features alone whose parameters take `aim_bytes` or less by
    `weigh`, else the smallest of at most `most_bytes`; None where there is neither."""
    last: Shrunk | None = None
    for rung in range(1, _MOST_HALVINGS):
        new = _smaller(inspection, {"batch": 1, "extent": 1, "feature": 2**rung})
        one = _apply(problem, inspection, new)
        if not one.changes or (last and one.changes == last.changes):
            break
        weights = weigh(one.problem)
        last = one if weights <= most_bytes else None
        if weights <= aim_bytes:
            break
    return last


def joined(first: Shrunk, then: Shrunk) -> Shrunk:
    """A version of a version, as one of the problem as shipped."""
    changes = {c.label: c for c in first.changes}
    for change in then.changes:
        old = changes.get(change.label, change).old
        changes[change.label] = replace(change, old=old)
    return replace(
        then, of=first.of, changes=tuple(changes.values()), factor=first.factor * then.factor
    )


def variants(
    problem: Problem, count: int = 3, inspection: Inspection | None = None
) -> list[Shrunk]:
    """Other shapes of one problem, to see whether a kernel is specialised to the shape it is for.

    Batch and extents change, each time otherwise, so that weights keep their shapes; where there
    are none, features do. None is larger than the problem itself.
    """
    read = inspection or inspect(problem)
    free = [s for s in read.sizes if s.kind in ("batch", "extent")]
    made: dict[str, Shrunk] = {}
    for turn in range(4 * count):
        if free:
            new = _other(read, free, turn)
        else:
            new = _smaller(read, {"batch": 1, "extent": 1, "feature": turn + 1})
        one = _apply(problem, read, new)
        if one.changes and (one.input_bytes is not None or read.input_bytes is None):
            made.setdefault(one.problem.digest, one)
    return list(made.values())[:count]


def _other(read: Inspection, free: Sequence[Size], turn: int) -> dict[str, int]:
    """New values for these sizes, each turn others; every second turn equal ones stay equal."""
    values = sorted({s.value for s in free}, reverse=True)
    new = {}
    for i, size in enumerate(free):
        place = i if turn % 2 else values.index(size.value)
        share, of = ((1, 2), (3, 4), (1, 1), (7, 8), (5, 8))[(turn + 2 * place) % 5]
        step = _multiple(size, read)
        scaled = size.value * share // (of * (1 + turn // 5))
        new[size.label] = max(step * (scaled // step), min(size.value, _least(size, step, read)))
    return new


def why_none(inspection: Inspection) -> str:
    """Why a problem has no smaller version; empty where it may have."""
    kinds = {s.kind for s in inspection.sizes}
    if kinds - {"structure"}:
        return ""
    if kinds:
        return (
            "its numbers are structure, which is not changed, or tied to others; there is no size"
        )
    return "no whole number at its top level or in get_inputs is known to be a size of its inputs"


def rewrite(code: str, sizes: Sequence[Size], new: Mapping[str, int]) -> str:
    """The text with these sizes' numbers replaced, otherwise byte for byte the same."""
    raw = code.encode("utf-8", "surrogatepass")
    for size in sorted(sizes, key=lambda s: -s.start):
        if size.label in new and new[size.label] != size.value:
            raw = raw[: size.start] + str(new[size.label]).encode() + raw[size.end :]
    return raw.decode("utf-8", "surrogatepass")


def _ladder(sizes: Sequence[Size]) -> Iterator[Mapping[Kind, int]]:
    """What the sizes of each kind are divided by, step by step."""
    steps = {
        kind: max((s.value // FLOOR[kind] for s in sizes if s.kind == kind), default=0)
        for kind in FLOOR
    }
    rungs = {kind: min(_MOST_HALVINGS, max(0, n.bit_length() - 1)) for kind, n in steps.items()}
    last: dict[Kind, int] = dict.fromkeys(FLOOR, 1)
    for kind in FLOOR:
        for rung in range(1, rungs[kind] + 1):
            last[kind] = 2**rung
            yield dict(last)
    for rung in range(1, rungs["feature"] + 1):
        yield {**last, "extent": 1, "feature": 2**rung}


def _smaller(read: Inspection, divided: Mapping[Kind, int]) -> dict[str, int]:
    """New values, from the smallest size up, so that each can stay a multiple of those before."""
    new: dict[str, int] = {}
    for kind in FLOOR:
        done: dict[int, int] = {}  # old value -> new value
        for size in sorted((s for s in read.sizes if s.kind == kind), key=lambda s: s.value):
            if size.value not in done:
                done[size.value] = _divided(size, read, divided[kind], done)
            new[size.label] = done[size.value]
    return new


def _divided(size: Size, read: Inspection, factor: int, done: Mapping[int, int]) -> int:
    """A size divided by a factor, as far as its floor and what it is a multiple of allow."""
    step = _multiple(size, read)
    for old, new in done.items():
        if old > 1 and size.value % old == 0:
            step = math.lcm(step, new)
    if factor == 1 or step >= size.value:
        return size.value
    small = step * (size.value // (factor * step))
    if size.value % 2 and small % 2 == 0 and step % 2:
        small -= step  # an odd size is odd for a reason
    return min(size.value, max(small, _least(size, step, read)))


def _multiple(size: Size, read: Inspection) -> int:
    """What a size must stay a multiple of: every small number of the problem that divides it."""
    if size.kind == "batch":
        return 1
    structure = {s.value for s in read.sizes if s.kind == "structure" and s.value > 1}
    found = 1
    for number in structure | read.divisors:
        if size.value % number == 0:
            found = math.lcm(found, number)
    return found


def _least(size: Size, step: int, read: Inspection) -> int:
    """The least a size is brought to, a multiple of `step`; an extent holds the widest window."""
    floor = FLOOR[size.kind]
    if size.kind == "extent":
        fixed = [s for s in read.sizes if s.kind == "structure"]
        window = max((s.value for s in fixed if _WINDOW.search(s.label)), default=1)
        apart = max((s.value for s in fixed if "dilation" in s.label), default=1)
        floor = max(floor, window * max(1, apart))
    return step * -(-floor // step)


def _apply(problem: Problem, read: Inspection, new: Mapping[str, int]) -> Shrunk:
    code = rewrite(problem.code, read.sizes, new)
    made = replace(problem, code=code, digest=digest(code))
    changes = tuple(
        Change(s.label, s.value, new[s.label])
        for s in read.sizes
        if new.get(s.label, s.value) != s.value
    )
    size = inspect(made).input_bytes if changes else read.input_bytes
    factor = math.prod(c.old / c.new for c in changes)
    if size and read.input_bytes:
        factor = read.input_bytes / size
    return Shrunk(made, problem.digest, changes, size, factor)
