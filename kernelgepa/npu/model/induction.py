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
    return not (looping and (name, 1) in addresses.of(name).terms)


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
