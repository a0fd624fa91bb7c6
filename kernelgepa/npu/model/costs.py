"""The cost table: what each operation is made of, and what each machine operation costs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from kernelgepa.errors import InfrastructureError


class NoRow(InfrastructureError):
    """An operation that the cost table does not price."""


@dataclass(frozen=True)
class MachineOp:
    """One instruction: slots it may take, cycle its result exists, cycles its operands are read."""

    name: str
    slots: tuple[str, ...]
    defined: int
    use: int = 1
    acc_use: int = 1  # cycle an accumulator operand is read
    bypass: str = ""  # group in which the result is forwarded a cycle early
    takes: str = ""  # group from which operands are taken early
    memory: str = ""  # load, store, or part (read-modify-write)
    at: tuple[int, int] = (5, 5)  # first and last cycle in which memory is touched
    acc: bool = False  # its result is an accumulator
    move: bool = False  # moves data, computes nothing
    also: tuple[str, ...] = ()  # slots it keeps busy besides
    lowered: bool = False  # a scalar float operation that runs in the vector unit

    @property
    def fixed(self) -> tuple[str, ...]:
        """Slots that it takes wherever else there is room."""
        return self.slots + self.also if len(self.slots) == 1 else self.also

    def latency_to(self, user: MachineOp) -> int:
        """Cycles from issue of this operation to issue of a user of its result; may be negative."""
        use = user.acc_use if self.acc else user.use
        early = bool(self.bypass) and self.bypass == user.takes
        return self.defined - use + 1 - early

    def memory_latency_to(self, later: MachineOp) -> int:
        """Cycles until an access that must come after this one's may issue."""
        return self.at[1] - later.at[0] + 1


@dataclass(frozen=True)
class Operation:
    """What an operation of the headers lowers to."""

    ops: tuple[MachineOp, ...]
    library: str = ""
    fuse_load: MachineOp | None = None
    fuse_bytes: int = 32  # of its operand that it reads
    fuse_store: MachineOp | None = None
    halves: bool = False  # needed once for each distinct one of its first two operands
    macs: int = 0
    peak: int = 0


@dataclass(frozen=True)
class CostTable:
    machine: Mapping[str, MachineOp]
    operations: Mapping[str, Operation]
    library: Mapping[str, int]
    limits: Mapping[str, int]
    fitted: Mapping[str, int]
    _matched: dict[str, Operation] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def load(path: Path) -> CostTable:
        """Reads the table. Raises InfrastructureError where a row names what does not exist."""
        return _load(path)

    def operation(self, name: str) -> Operation:
        """The row of `__aie_<name>`; the longest matching key wins. Raises NoRow."""
        found = self.operations.get(name) or self._matched.get(name)
        if found is None:
            keys = [k for k in self.operations if fnmatchcase(name, k)]
            if not keys:
                raise NoRow(f"operation {name!r} has no row in the cost table")
            found = self._matched[name] = self.operations[max(keys, key=len)]
        return found


@cache
def _load(path: Path) -> CostTable:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    machine = {name: _machine(name, row) for name, row in data["machine"].items()}
    library = {name: int(row["cycles"]) for name, row in data["library"].items()}
    try:
        operations = {key: _operation(row, machine) for key, row in data["operation"].items()}
    except KeyError as missing:
        raise InfrastructureError(f"cost table: no machine operation {missing}") from missing
    for key, row in operations.items():
        if row.library and row.library not in library:
            raise InfrastructureError(f"cost table: {key} names no library call {row.library!r}")
    limits = {**data["limits"], "max_stages": data["fitted"]["max_stages"]}
    return CostTable(machine, operations, library, limits, data["fitted"])


def _machine(name: str, row: Mapping[str, Any]) -> MachineOp:
    use, bypass = row.get("use", 1), row.get("bypass", "")
    first, last = row.get("at", (5, 5))
    return MachineOp(
        name,
        tuple(row["slots"]),
        row["def"],
        use,
        row.get("acc_use", use),
        bypass,
        row.get("takes", bypass),
        row.get("memory", ""),
        (first, last),
        row.get("acc", False),
        row.get("move", False),
        tuple(row.get("with", ())),
        row.get("lowered", False),
    )


def _operation(row: Mapping[str, Any], machine: Mapping[str, MachineOp]) -> Operation:
    def named(key: str) -> MachineOp | None:
        return machine[row[key]] if key in row else None

    return Operation(
        tuple(machine[name] for name in row.get("ops", ())),
        row.get("library", ""),
        named("fuse_load"),
        row.get("fuse_bytes", 32),
        named("fuse_store"),
        row.get("halves", False),
        row.get("macs", 0),
        row.get("peak", 0),
    )
