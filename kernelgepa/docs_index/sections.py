"""Sections of the content folder `docs_index`, read strictly; their cost is that of the model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError

if TYPE_CHECKING:
    from kernelgepa.npu.model.costs import CostTable, MachineOp

LICENCE = "Apache-2.0"
_SHARED = ("manual", "version", "target", "url", "language")
_TEXTS = (
    "id", "title", "chapter", "signature", "text", "code", "manual", "version", "target", "url",
)  # fmt: skip
_OPTIONAL = ("define", "result", "element", "out", "language")
_LISTS = ("symbols", "aliases", "cost", "machine", "library")


@dataclass(frozen=True)
class Section:
    """One section. `symbols` may hold patterns (`v*int8`); `code` is what the example shows.

    An example for the NPU runs with pointers `a`, `b` to `element` and `c` to `out`; `result` is
    what it leaves in c, as an expression of numpy arrays a and b. Other targets' examples are whole
    texts in `language`.
    """

    id: str
    manual: str  # the official manual it is about
    version: str
    chapter: str  # of that manual
    url: str
    target: str
    title: str
    signature: str
    symbols: tuple[str, ...]
    aliases: tuple[str, ...]
    text: str
    cost: str
    define: str  # what of the example stands at file scope
    code: str
    element: str
    out: str
    result: str
    language: str = "cpp"  # label of the example's block
    alone: bool = False  # only where we compile and launch the kernel, not where a module does
    licence: str = LICENCE

    @property
    def citation(self) -> str:
        return f"{self.manual}, {self.chapter}"

    @property
    def example(self) -> str:
        return "\n".join(part for part in (self.define, self.code) if part)


@cache
def sections() -> tuple[Section, ...]:
    """All sections of the handbook, in the order of their identifiers."""
    return load(content("docs_index"))


def load(folder: Path) -> tuple[Section, ...]:
    """Raises InfrastructureError with the name of a file that is damaged or repeats a section."""
    found: dict[str, Section] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            made = [_section({**_shared(data), **row}) for row in data["section"]]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InfrastructureError(f"docs_index/{name} cannot be used: {error}") from error
        for section in made:
            if section.id in found:
                raise InfrastructureError(f"docs_index/{name}: section {section.id!r} is repeated")
            found[section.id] = section
    if not found:
        raise InfrastructureError("docs_index holds no section; reinstall kernelgepa")
    return tuple(found[key] for key in sorted(found))


def _shared(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a file says of all its sections."""
    unknown = set(data) - {*_SHARED, "section"}
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}")
    return {key: data[key] for key in _SHARED if key in data}


def _section(row: Mapping[str, Any]) -> Section:
    where = f"section {row.get('id')!r}"
    unknown = set(row) - {*_TEXTS, *_OPTIONAL, *_LISTS, "alone"}
    if unknown:
        raise ValueError(f"{where}: unknown key {min(unknown)!r}")
    made: dict[str, Any] = {key: _text(row, key, where) for key in _TEXTS}
    made |= {key: str(row.get(key, "")).strip("\n") for key in _OPTIONAL}
    made |= {key: _list(row, key, where) for key in _LISTS}
    made["language"] = made["language"] or "cpp"
    made["element"] = made["element"] or "int16"
    made["out"] = made["out"] or made["element"]
    made["alone"] = row.get("alone") is True
    cost = cost_line(made.pop("cost"), made.pop("machine"), made.pop("library"))
    return Section(**made, cost=cost)


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    found = row.get(key)
    if not isinstance(found, str) or not found.strip():
        raise ValueError(f"{where}: {key!r} must be a text")
    return found.strip("\n")


def _list(row: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = row.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ValueError(f"{where}: {key!r} must be a list of texts")
    return tuple(found)


def cost_line(operations: Sequence[str], machine: Sequence[str], library: Sequence[str]) -> str:
    """Slots and cycles by the cost table. Raises KeyError or InfrastructureError for unknown names.

    Operations whose price reads the same are named together.
    """
    if not (operations or machine or library):
        return ""
    from kernelgepa.npu.model.costs import CostTable  # noqa: PLC0415

    table = CostTable.load(content("sandbox") / "aie" / "aie2.toml")
    said: dict[str, list[str]] = {}
    for name in operations:
        row = table.operation(name)
        price = _call(row.library, table) if row.library else _ops(row.ops)
        said.setdefault(price, []).append(name)
    for name in machine:
        said.setdefault(_ops((table.machine[name],)), []).append(name)
    for name in library:
        said.setdefault(_call(name, table), []).append(name)
    return "; ".join(f"{', '.join(names)}: {price}" for price, names in said.items())


def _call(name: str, table: CostTable) -> str:
    return f"a call of {table.library[name]} cycles"


def _ops(ops: Sequence[MachineOp]) -> str:
    """`vec, result after 5 cycles (2 to its like)`, or the slots of several: `3 x mv + st`."""
    if not ops:
        return "free"
    counts: dict[str, int] = {}
    for op in ops:
        slots = " or ".join(op.slots) + "".join(f" with {slot}" for slot in op.also)
        counts[slots] = counts.get(slots, 0) + 1
    used = " + ".join(f"{n} x {slots}" if n > 1 else slots for slots, n in counts.items())
    last = ops[-1]
    if last.memory and not last.defined:
        held = last.at[1] - last.at[0] + 1
        return f"{used}, blocks memory for {held} cycles" if held > 1 else used
    if len(ops) > 1:
        return used
    after, again = last.defined - last.use + 1, last.latency_to(last)
    like = f" ({again} to its like)" if again != after else ""
    return f"{used}, result after {after} cycle{'s' * (after != 1)}{like}"
