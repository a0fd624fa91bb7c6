"""In what order a kernel computes its values: once over the columns for each stage.

A reduction is known after the stage that it is taken in; what needs it comes in the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernelgepa.playbook.modules.regions import Region
from kernelgepa.playbook.modules.values import COSTLY, Value

_LONG = 4  # more cheap operations than this are remembered rather than done again


@dataclass(frozen=True)
class Stage:
    """Row values first, then one pass over the columns.

    `saves` and `loads`: value -> where it is kept between passes ("out0", "buffer0").
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]  # computed in the pass, in order
    reductions: tuple[str, ...]
    stores: tuple[str, ...]
    saves: Mapping[str, str] = field(default_factory=dict)
    loads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    region: Region
    values: Mapping[str, Value]
    stages: tuple[Stage, ...]
    rows: tuple[str, ...]  # row values after the last pass
    buffers: int


def schedule(values: Mapping[str, Value], region: Region) -> Schedule:
    return _Scheduler(values, region).made()


class _Scheduler:
    def __init__(self, values: Mapping[str, Value], region: Region) -> None:
        self._values, self._region = values, region
        self._full = region.layout.full
        self._stage: dict[str, int] = dict.fromkeys(region.leaves, 0)
        for name in region.members:
            known = [self._known(o) for o in values[name].operands]
            self._stage[name] = max(known, default=0)
        self._last = max((self._stage[n] for n in region.members), default=0)

    def _known(self, name: str) -> int:
        later = name in self._region.members and self._values[name].reduces
        return self._stage[name] + (1 if later else 0)

    def made(self) -> Schedule:
        wanted = [self._wanted(stage) for stage in range(self._last + 1)]
        kept: dict[str, int] = {}  # value -> last stage that reads it
        for stage, targets in enumerate(wanted):
            self._keep(stage, targets, kept)
        places, buffers = self._places(kept)
        stages = []
        for number, targets in enumerate(wanted):
            saved = [n for n in kept if self._stage[n] == number]
            columns, loads = self._pass(number, [*targets, *saved], kept)
            stages.append(
                Stage(
                    tuple(n for n in self._rows() if self._stage[n] == number),
                    columns,
                    tuple(n for n in self._reductions() if self._stage[n] == number),
                    tuple(n for n in targets if n in self._region.outputs),
                    {n: places[n] for n in saved if n not in self._region.outputs},
                    {n: places[n] for n in loads},
                )
            )
        if stages and not (stages[-1].reductions or stages[-1].stores or stages[-1].columns):
            last = stages.pop()
            return Schedule(self._region, self._values, tuple(stages), last.rows, buffers)
        return Schedule(self._region, self._values, tuple(stages), (), buffers)

    def _rows(self) -> list[str]:
        return [
            n for n in self._region.members if n not in self._full and not self._values[n].reduces
        ]

    def _reductions(self) -> list[str]:
        return [n for n in self._region.members if self._values[n].reduces]

    def _wanted(self, stage: int) -> list[str]:
        """Values over the columns that a stage is for."""
        found = [self._values[n].operands[0] for n in self._reductions() if self._stage[n] == stage]
        found += [n for n in self._region.outputs if n in self._full and self._stage[n] == stage]
        return list(dict.fromkeys(found))

    def _keep(self, stage: int, targets: list[str], kept: dict[str, int]) -> None:
        """Marks values of earlier stages that are remembered for this one."""
        waiting, seen = list(targets), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._full or name in self._region.leaves:
                continue
            seen.add(name)
            if self._stage[name] < stage and (
                name in kept or name in self._region.outputs or self._dear(name, kept)
            ):
                kept[name] = stage
                continue
            waiting += self._values[name].operands

    def _dear(self, name: str, kept: Mapping[str, int]) -> bool:
        count, waiting, seen = 0, [name], set[str]()
        while waiting:
            one = waiting.pop()
            if one in seen or one in self._region.leaves or one not in self._full or one in kept:
                continue
            seen.add(one)
            count += 1
            if self._values[one].op in COSTLY or count > _LONG:
                return True
            waiting += self._values[one].operands
        return False

    def _places(self, kept: Mapping[str, int]) -> tuple[dict[str, str], int]:
        outputs = [n for n in self._region.outputs if n in self._full]
        places = {n: f"out{self._region.outputs.index(n)}" for n in outputs}
        free = list(outputs)
        buffers = 0
        for name, last in kept.items():
            if name in places:
                continue
            lender = next((o for o in free if self._stage[o] >= last), None)
            if lender is not None:
                free.remove(lender)
                places[name] = places[lender]
            else:
                places[name] = f"buffer{buffers}"
                buffers += 1
        return places, buffers

    def _pass(
        self, stage: int, targets: list[str], kept: Mapping[str, int]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What a pass computes, in order, and what it reads back."""
        needed, loads, waiting = set[str](), set[str](), list(targets)
        while waiting:
            name = waiting.pop()
            if name in needed or name not in self._full:
                continue
            if name in kept and self._stage[name] < stage:
                loads.add(name)
                continue
            needed.add(name)
            if name in self._region.members:
                waiting += self._values[name].operands
        order = [*self._region.leaves, *self._region.members]
        return tuple(n for n in order if n in needed), tuple(n for n in order if n in loads)
