"""Static depth of the stack: frames along the deepest chain of calls."""

from __future__ import annotations

import re

from kernelgepa.npu.ir import Function, Module
from kernelgepa.npu.irtypes import TypeSizes

_NAME = re.compile(r"@([\w.$-]+)")
CALL_DEPTH = 64  # a deeper chain of calls would not fit into the stack


def stack_depth(module: Module, entry: str) -> int | None:
    """Bytes from `entry` on; None where recursion leaves it open."""
    sizes = TypeSizes(module.types)

    def frame(function: Function) -> int:
        total = 0
        for block in function.blocks:
            for made in block.instructions:
                if made.opcode == "alloca":
                    match = re.search(r"alloca (?:inalloca )?(.*?)(?:, align.*)?$", made.text)
                    total += sizes.size(match[1]) if match else 4
        return total

    pointed = pointed_to(module)
    known: dict[str, int | None] = {}

    def deepest(name: str, above: tuple[str, ...]) -> int | None:
        if name in above or len(above) > CALL_DEPTH:
            return None
        function = module.functions.get(name)
        if function is None:
            return 0
        if name not in known:
            calls = [i for b in function.blocks for i in b.instructions if i.opcode == "call"]
            callees = {i.callee for i in calls}
            own = sorted((callees & set(module.functions)) | (pointed if "" in callees else set()))
            depths = [deepest(c, (*above, name)) for c in own]
            known[name] = None
            if None not in depths:
                deeper = max((d for d in depths if d is not None), default=0)
                known[name] = frame(function) + 32 * bool(own) + deeper
        return known[name]

    return deepest(entry, ())


def pointed_to(module: Module) -> set[str]:
    """Functions whose address is taken: any call through a pointer may be one of them."""
    found: set[str] = set()
    for function in module.functions.values():
        for made in (i for b in function.blocks for i in b.instructions):
            names = _NAME.findall(made.text)
            found |= set(names[1:] if made.callee in names[:1] else names)
    for text in module.globals.values():
        found |= set(_NAME.findall(text))
    return found & set(module.functions)
