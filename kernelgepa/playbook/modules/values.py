"""Operations on floats that kernels are made of, and a graph of them in which all else is opaque.

A value is elementwise over what it broadcasts to, or a reduction over its last dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from kernelgepa.playbook.modules.graph import Unsupported

Shape: TypeAlias = "tuple[int, ...]"
Operand: TypeAlias = "str | float"
COLUMNS = "#columns"  # the number of elements that a reduction takes, as an operand
REDUCTIONS = ("sum", "max", "min")
# Operations that cost much more than reading their operands again.
COSTLY = frozenset({
    "div", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "sigmoid", "tanh", "erf",
    "gelu", "gelu_tanh", "silu", "mish", "softplus", "elu",
})  # fmt: skip


@dataclass(frozen=True)
class Value:
    """One operation. `op` is "leaf" for a tensor that is read as it is.

    `over`: how many trailing dimensions a reduction takes; `keep`: whether they stay, of size 1.
    `node` is the node of the traced graph that it belongs to; `writes` whether it is that node.
    """

    name: str
    op: str
    args: tuple[Operand, ...] = ()
    shape: Shape = ()
    boolean: bool = False
    over: int = 0
    keep: bool = True
    node: str = ""

    @property
    def operands(self) -> tuple[str, ...]:
        """Values it uses."""
        names = (a for a in self.args if isinstance(a, str) and a != COLUMNS)
        return tuple(dict.fromkeys(names))

    @property
    def reduces(self) -> bool:
        return self.op in REDUCTIONS


Kept = Literal["keep", "drop"]


@dataclass
class Values:
    """A growing list of values, in order."""

    made: dict[str, Value] = field(default_factory=dict)
    node: str = ""  # what is translated now
    count: int = 0

    def leaf(self, name: str, shape: Shape, node: str = "") -> str:
        """A tensor by its text, such as "x" or "self.norm.weight"."""
        self.made.setdefault(name, Value(name, "leaf", (), shape, node=node))
        return name

    def op(self, op: str, *args: Operand, boolean: bool = False) -> str:
        shape = broadcast([self.made[a].shape for a in args if isinstance(a, str) and a != COLUMNS])
        return self._add(Value("", op, args, shape, boolean, node=self.node))

    def reduce(self, op: str, arg: str, over: int, keep: bool) -> str:
        shape = self.made[arg].shape
        if not 0 < over <= len(shape):
            raise Unsupported("a reduction over no dimension")
        kept = shape[: len(shape) - over] + ((1,) * over if keep else ())
        return self._add(Value("", op, (arg,), kept, False, over, keep, self.node))

    def reshaped(self, op: Kept, arg: str, over: int) -> str:
        """Trailing dimensions of size 1 added ("keep") or taken away ("drop")."""
        shape = self.made[arg].shape
        new = shape + (1,) * over if op == "keep" else shape[: len(shape) - over]
        return self._add(Value("", op, (arg,), new, False, over, op == "keep", self.node))

    def _add(self, value: Value) -> str:
        self.count += 1
        name = f"t{self.count}_"
        self.made[name] = replace(value, name=name)
        return name


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """Raises Unsupported where they do not fit."""
    rank = max((len(s) for s in shapes), default=0)
    padded = [(1,) * (rank - len(s)) + tuple(s) for s in shapes]
    found = []
    for sizes in zip(*padded, strict=True):
        larger = {n for n in sizes if n != 1}
        if len(larger) > 1:
            raise Unsupported("shapes that do not broadcast")
        found.append(larger.pop() if larger else 1)
    return tuple(found)


def elements(shape: Shape) -> int:
    return math.prod(shape)


def users(values: Mapping[str, Value]) -> dict[str, list[str]]:
    """Of each value, the values that use it."""
    found: dict[str, list[str]] = {name: [] for name in values}
    for value in values.values():
        for name in value.operands:
            found[name].append(value.name)
    return found
