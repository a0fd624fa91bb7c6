"""Problems too large for a CPU, made to fit."""

from __future__ import annotations

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.inspect import Inspection, inspect
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.shrink import Shrunk, candidates, joined, slimmer, why_none

LARGE_BYTES = 64 << 20  # of inputs, above which a problem is too large for a CPU
LARGE_WEIGHTS = 128 << 20  # the same of parameters, of which a judge holds several copies
AIM_BYTES = 16 << 20
AIM_WEIGHTS = 32 << 20
MOST_BYTES = 2 << 30  # of either, above which a problem that cannot be shrunk is refused


def fitting(problem: Problem, read: Inspection) -> tuple[str, str]:
    """The problem's text, smaller where it is too large, and what every figure of it must say.

    What cannot be told to be too large stays as it is. Raises InputError where it is far too
    large and has no size to change.
    """
    small: Shrunk | None = None
    if read.input_bytes is not None and read.input_bytes > LARGE_BYTES:
        small = next(iter(candidates(problem, read, AIM_BYTES)), None)
        if small is None and read.input_bytes > MOST_BYTES:
            raise _refusal(problem, read, "inputs", read.input_bytes, AIM_BYTES)
    now = inspect(small.problem) if small else read
    if now.weight_bytes > LARGE_WEIGHTS:
        slim = slimmer(small.problem if small else problem, now, AIM_WEIGHTS, LARGE_WEIGHTS)
        if slim is None and now.weight_bytes > MOST_BYTES:
            raise _refusal(problem, now, "parameters", now.weight_bytes, LARGE_WEIGHTS)
        small = joined(small, slim) if small and slim else slim or small
    return (small.problem.code, small.label) if small else (problem.code, "")


def _refusal(problem: Problem, read: Inspection, what: str, taken: int, limit: int) -> InputError:
    why = why_none(read) or f"no smaller version has {what} of {limit >> 20} MiB or less"
    return InputError(
        f"{problem.origin}: its {what} take {taken / 2**30:.1f} GiB, too much for a CPU, and it "
        f"cannot be shrunk: {why}"
    )
