"""Problems too large for a CPU, made to fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.inspect import Inspection, inspect
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.shrink import Shrunk, candidates, joined, slimmer, why_none

LARGE_BYTES = 64 << 20  # of inputs, above which a problem is too large for a CPU
LARGE_WEIGHTS = 128 << 20  # the same of parameters, of which a judge holds several copies
AIM_BYTES = 16 << 20
AIM_WEIGHTS = 32 << 20
# Of inputs, below which a product of each with each, or with all of 128 times as many parameters,
# is still small: nothing needs to be followed.
TINY_BYTES = 32 << 10
MOST_BYTES = 2 << 30  # of either, above which a problem that cannot be shrunk is refused


@dataclass(frozen=True)
class Demand:
    """What one call takes, counted: floating point operations of products and convolutions, bytes
    of inputs, of parameters and buffers, of outputs, and bytes that all operations write."""

    flops: int
    input_bytes: int
    weight_bytes: int
    output_bytes: int
    written_bytes: int

    def within(self, limit: Demand) -> bool:
        return all(m <= most for m, most in zip(self._parts(), limit._parts(), strict=True))

    def eases(self, other: Demand) -> bool:
        """Whether it takes more of nothing, and a tenth less of something that is aimed at."""
        return self.within(other) and any(
            mine < 0.9 * theirs and theirs > aim
            for mine, theirs, aim in zip(self._parts(), other._parts(), AIM._parts(), strict=True)
        )

    def _parts(self) -> tuple[int, ...]:
        """Without parameters, which only features make fewer: they are seen to before."""
        return self.flops, self.input_bytes, self.output_bytes, self.written_bytes

    def __str__(self) -> str:
        inputs, outputs, written = (f"{n / 2**20:.0f} MiB" for n in self._parts()[1:])
        return (
            f"{self.flops / 1e9:.3g} GFLOP, {inputs} of inputs, {outputs} of outputs and {written} "
            "written in all"
        )


# A judge makes some hundred calls: above LARGE one takes two cores several tenths of a second.
LARGE = Demand(20_000_000_000, LARGE_BYTES, LARGE_WEIGHTS, LARGE_BYTES, 1 << 30)
AIM = Demand(4_000_000_000, AIM_BYTES, AIM_WEIGHTS, AIM_BYTES, 256 << 20)
MOST = Demand(4_000_000_000_000, MOST_BYTES, MOST_BYTES, MOST_BYTES, 16 << 30)
Demands = Callable[[str], Demand | None]


def fitting(problem: Problem, read: Inspection, demands: Demands) -> tuple[str, str]:
    """The problem's text, smaller where it is too large, and what every figure of it must say.

    `demands` tells what a call of a problem's text takes, None where that cannot be told. What
    cannot be told to be too large stays as it is. Raises InputError where it is far too large and
    has no size to change.
    """
    small: Shrunk | None = None
    if read.input_bytes is not None and read.input_bytes > LARGE_BYTES:
        small = _lighter(problem, read, demands)
        least = (small.input_bytes or 0) if small else read.input_bytes
        if least > MOST_BYTES:
            raise _refusal(problem, read, "inputs", read.input_bytes, MOST_BYTES)
    given = small.problem if small else problem
    told = inspect(given).weight_bytes > LARGE_WEIGHTS
    weigh = _written if told else partial(_counted, demands=demands)
    weights = weigh(given)
    if weights > LARGE_WEIGHTS:
        slim = slimmer(given, inspect(given), AIM_WEIGHTS, LARGE_WEIGHTS, weigh)
        if slim is None and weights > MOST_BYTES:
            raise _refusal(problem, inspect(given), "parameters", weights, LARGE_WEIGHTS)
        small = joined(small, slim) if small and slim else slim or small
    small = _quick(problem, small, demands)
    return (small.problem.code, small.label) if small else (problem.code, "")


def _lighter(problem: Problem, read: Inspection, demands: Demands) -> Shrunk | None:
    """The first version that runs whose inputs take little enough, else the one of the least; of
    what cannot be followed the first of these."""
    versions = candidates(problem, read)
    light = [s for s in versions if (s.input_bytes or 0) <= AIM_BYTES]
    light = light or sorted(versions, key=lambda s: s.input_bytes or 0)
    runs = (s for s in light if demands(s.problem.code) is not None)
    found = next(runs, None) if light and demands(problem.code) is not None else None
    return found or next(iter(light), None)


def _written(problem: Problem) -> int:
    """Bytes of parameters, as far as the text tells."""
    return inspect(problem).weight_bytes


def _counted(problem: Problem, demands: Demands) -> int:
    """Bytes of parameters and buffers, counted where that can be done."""
    takes = None if _tiny(inspect(problem)) else demands(problem.code)
    return takes.weight_bytes if takes else _written(problem)


def _quick(problem: Problem, small: Shrunk | None, demands: Demands) -> Shrunk | None:
    """The same, or a version of it whose calls take little enough. Raises InputError."""
    given = small.problem if small else problem
    read, best = inspect(given), None
    if _tiny(read):
        return small
    whole = demands(given.code)
    if whole is None or whole.within(LARGE):
        return small
    takes = whole
    for one in candidates(given, read):
        now = demands(one.problem.code)
        if now is None or not now.eases(takes):  # it cannot be run any more, or gains nothing
            continue
        takes, best = now, one
        if takes.within(AIM):
            break
    if not takes.within(MOST):
        why = why_none(read) or f"its smallest version still takes {takes}"
        raise InputError(
            f"{problem.origin}: a call takes {whole} (counted), too much for a CPU, and it cannot "
            f"be shrunk: {why}"
        )
    if best is None:
        return small
    return joined(small, best) if small else best


def _tiny(read: Inspection) -> bool:
    known = read.input_bytes is not None and read.input_bytes <= TINY_BYTES
    return known and read.weight_bytes <= 128 * TINY_BYTES


def _refusal(problem: Problem, read: Inspection, what: str, taken: int, limit: int) -> InputError:
    why = why_none(read) or f"no smaller version has {what} of {limit >> 20} MiB or less"
    return InputError(
        f"{problem.origin}: its {what} take {taken / 2**30:.1f} GiB, too much for a CPU, and it "
        f"cannot be shrunk: {why}"
    )
