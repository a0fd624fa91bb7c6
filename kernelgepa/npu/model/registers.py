"""Which IR values are the same registers, and which instructions read a value."""

from __future__ import annotations

import re

from kernelgepa.npu.ir import Block, Function, Instruction
from kernelgepa.npu.model.parts import size_of

VECTOR = re.compile(r"^<(\d+) x (\w+)>$")
_RENAMING = ("shufflevector", "bitcast", "freeze")
_LANES = re.compile(r"<\d+ x i32> (<[^<>]*>|zeroinitializer|poison|splat[^,]*)$")
# Operations by how many of their first operands are accumulators.
_ACCUMULATORS = (
    (re.compile(r"__aie_(?:vacc(?:add|sub|neg)_|vconv_bf16_f32|vsrs_)"), 2),
    (re.compile(r"__aie_vm(?:ac|sc|mac)_(?:bf16|f32)"), 1),
    (re.compile(r"__aie_v(?:mac|msc|mmac|convolve)_i"), 2),
)
_REGISTER = re.compile(r"[(,] ?<16 x i32> (%[\w.$-]+|\w|<)")
_SOURCE = re.compile(r"shufflevector <(\d+) x (\w+)>")


def is_vector(type_: str) -> bool:
    return bool(VECTOR.match(type_))


class Registers:
    """The values of one function, seen from one of its blocks."""

    def __init__(self, function: Function, block: Block) -> None:
        self.mine = {i.result: i for i in block.instructions if i.result}
        self._inside = {id(i) for i in block.instructions}
        self._users = function.users

    def users(self, name: str) -> list[Instruction]:
        return self._users.get(name, [])

    def inside(self, made: Instruction) -> bool:
        """Whether the instruction stands in this block."""
        return id(made) in self._inside

    def origin(self, name: str) -> str:
        """The value that `name` only renames, within this block."""
        while (made := self.mine.get(name)) and made.opcode in _RENAMING:
            if not renames(made) or not made.uses:
                break
            name = made.uses[0]
        return name

    def accumulated(self, name: str) -> bool:
        """Whether a value is read only as an accumulator, and only in this block."""
        users = self.final_users(name)
        return bool(users) and all(self.inside(u) and self._accumulates(u, name) for u in users)

    def _accumulates(self, user: Instruction, name: str) -> bool:
        first = next((n for key, n in _ACCUMULATORS if key.match(user.callee)), 0)
        read = [self.origin(operand) for operand in _REGISTER.findall(user.text)]
        return name in read[:first] and name not in read[first:]

    def final_users(self, name: str) -> list[Instruction]:
        """Users of a value, and of what only renames it."""
        found = []
        for user in self.users(name):
            if user.opcode in _RENAMING and renames(user):
                found += self.final_users(user.result)
            else:
                found.append(user)
        return found


def renames(made: Instruction) -> bool:
    """A shuffle that only names, joins or splits whole 256-bit halves (128 of a 128-bit result)."""
    if made.opcode != "shufflevector":
        return True
    lanes, kind = _LANES.search(made.text), _SOURCE.search(made.text)
    if lanes is None or kind is None or not lanes[1].startswith("<"):
        return False
    index = [int(v) if v.isdigit() else -1 for v in re.findall(r"i32 (\w+)", lanes[1])]
    width = size_of(f"<1 x {kind[2]}>")
    unit = 16 if len(index) * width <= 16 and index and index[0] in (0, -1) else 32
    per = max(1, unit // width)
    for start in range(0, len(index), per):
        group = [(k, v) for k, v in enumerate(index[start : start + per]) if v >= 0]
        offsets = {v - k for k, v in group}
        if len(offsets) > 1 or any(offset % per for offset in offsets):
            return False
    return True
