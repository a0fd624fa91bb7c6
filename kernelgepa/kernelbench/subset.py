"""Which problems of a source are run: all, those named, or representatives.

Representatives are chosen by rule, never by hand: in every level, for every kind of operation
(`families.KINDS`), the problem that has it and the fewest other kinds; of several, the one whose
inputs can be told from the text, then the lowest number. Problems that are refused, or that need
CUDA where the device has none, are not chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import ids
from kernelgepa.kernelbench.families import KINDS, families
from kernelgepa.kernelbench.inspect import inspect
from kernelgepa.kernelbench.problems import Problem


def select(problems: Sequence[Problem], subset: str, device: str = "cuda:0") -> list[Problem]:
    """The problems of `subset`: "all", "representative", or numbers such as 1,4-7.

    Numbers select in every level that has them. Raises InputError for one that no level has, and
    where nothing is left.
    """
    if subset == "all":
        return list(problems)
    if subset == "representative":
        return representatives(problems, device)
    if not subset.strip() or subset.strip()[0] not in "0123456789":
        raise InputError(
            f"--subset: expected representative, all or numbers such as 1,4-7, found {subset!r}"
        )
    wanted = ids.parse(subset, "--subset")
    lacking = set(wanted) - {p.id for p in problems}
    if lacking:
        levels = ", ".join(str(n) for n in sorted({p.level for p in problems}))
        raise InputError(
            f"--subset {subset}: level {levels} has no problem {ids.text(tuple(lacking))}"
        )
    return [p for p in problems if p.id in wanted]


def representatives(problems: Sequence[Problem], device: str = "cuda:0") -> list[Problem]:
    """One problem a kind of operation and level, in the problems' order, by the rule above."""
    read = [(p, families(p), inspect(p)) for p in problems]
    usable = [(p, kinds, i.input_bytes is None) for p, kinds, i in read if not i.reasons(device)]
    chosen = set[tuple[int, int]]()
    for level in {p.level for p in problems}:
        for kind in KINDS:
            ranked = sorted(
                (len(kinds), untold, p.id)
                for p, kinds, untold in usable
                if p.level == level and kind in kinds
            )
            chosen.update((level, number) for _, _, number in ranked[:1])
    if not chosen:
        raise InputError("none of the problems can be taken, so none is representative")
    return [p for p in problems if (p.level, p.id) in chosen]
