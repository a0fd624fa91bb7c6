"""Problems too large for a CPU, made to fit."""

from __future__ import annotations

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.inspect import Inspection
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.shrink import candidates, why_none

LARGE_BYTES = 64 << 20  # of inputs, above which a problem is too large for a CPU
AIM_BYTES = 16 << 20
MOST_BYTES = 2 << 30  # of inputs, above which a problem that cannot be shrunk is refused


def fitting(problem: Problem, read: Inspection) -> tuple[str, str]:
    """The problem's text, smaller where it is too large, and what every figure of it must say.

    What cannot be told to be too large stays as it is. Raises InputError where it is far too
    large and has no size to change.
    """
    if read.input_bytes is None or read.input_bytes <= LARGE_BYTES:
        return problem.code, ""
    made = candidates(problem, read, AIM_BYTES)
    if made:
        return made[0].problem.code, made[0].label
    if read.input_bytes > MOST_BYTES:
        why = why_none(read) or f"no smaller version has inputs of {AIM_BYTES >> 20} MiB or less"
        raise InputError(
            f"{problem.origin}: its inputs take {read.input_bytes / 2**30:.1f} GiB, too much for "
            f"a CPU, and it cannot be shrunk: {why}"
        )
    return problem.code, ""
