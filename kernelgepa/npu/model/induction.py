"""Values that only count or address: post-increments and hardware loops carry them for free."""

from __future__ import annotations

import re

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.model.address import Addresses
from kernelgepa.npu.model.registers import Registers

_COUNTING = ("phi", "add", "sub", "shl", "icmp", "mul", "zext", "sext", "or")
_ADDRESSING = ("getelementptr", "load", "store", "br")
_INTEGER = re.compile(r"i\d+$|ptr$")


def inductions(registers: Registers, addresses: Addresses, looping: bool) -> frozenset[str]:
    """Values of the block that need no instruction of their own."""
    free: set[str] = set()
    changed = True
    while changed:
        changed = False
        for name, made in registers.mine.items():
            if name in free or not _candidate(name, made, registers, addresses, looping):
                continue
            users = registers.users(name)
            if all(_harmless(name, u, free, registers, addresses, looping) for u in users):
                free.add(name)
                changed = True
    if not looping:
        free = {n for n in free if registers.mine[n].opcode != "icmp"}
    return frozenset(free)


def _candidate(
    name: str, made: Instruction, registers: Registers, addresses: Addresses, looping: bool
) -> bool:
    if made.opcode not in _COUNTING:
        return False
    if made.opcode == "icmp":
        return not any(n in registers.mine for u in made.uses for n, _ in addresses.of(u).terms)
    if not _INTEGER.match(made.type):
        return False
    terms = [n for n, _ in addresses.of(name).terms]
    if name in terms:  # not linear: a product of outer counters is strength-reduced, others not
        return not looping and not _computed(name, registers)
    varying = [n for n in terms if n in registers.mine and registers.mine[n].opcode != "phi"]
    return len(varying) <= 1  # more than a base, a stride and one index must be added up


def _computed(name: str, registers: Registers) -> bool:
    """Whether the value comes from memory or a call in this block."""
    todo, seen = [name], set[str]()
    while todo:
        at = todo.pop()
        made = registers.mine.get(at)
        if made is None or at in seen:
            continue
        if made.opcode in ("load", "call"):
            return True
        seen.add(at)
        todo.extend(made.uses)
    return False


def _harmless(
    name: str,
    user: Instruction,
    free: set[str],
    registers: Registers,
    addresses: Addresses,
    looping: bool,
) -> bool:
    """Whether this use takes the value as a count or an address only."""
    if user.result in free or user.result == name:
        return True
    if user.opcode == "store" and re.search(rf" {re.escape(name)}, ptr", user.text):
        return False
    if user.opcode == "phi":
        inside = registers.inside(user)
        return not inside or (looping and addresses.of(user.result).stride != 0)
    if user.opcode == "icmp":
        return looping and registers.inside(user)
    return user.opcode in _ADDRESSING
