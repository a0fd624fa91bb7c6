"""Optimised x32 IR text -> instrumented wasm32 IR text.

Adds a counter to every block (a wasm global: no store of the kernel can reach it), checks before
stores, aligned vector accesses and accesses that claim `__restrict`, and removes what belongs to
the host (attributes, metadata). Refuses what has no meaning on the tile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernelgepa.npu import forbidden
from kernelgepa.npu.bfloat import BfloatLowering, Unsupported, bfloat_as_bits
from kernelgepa.npu.forbidden import Refused
from kernelgepa.npu.frontend import ENTRY
from kernelgepa.npu.ir import Module
from kernelgepa.npu.irtypes import TypeSizes
from kernelgepa.npu.restrict import AliasClass, AliasClasses
from kernelgepa.npu.tile import WINDOW_BASE

DATA_LAYOUT = "e-m:e-p:32:32-p10:8:8-p20:8:8-i64:64-i128:128-n32:64-S128-ni:1:10:20"
BLOCKS = 8000
INSTRUCTIONS = 60000
_DEFINE = re.compile(r"^define .*?@(?P<name>[\w.$-]+|\"[^\"]*\")\(")
_DECLARE = re.compile(r"^declare .*?@(?P<name>[\w.$-]+|\"[^\"]*\")\(")
_LABEL = re.compile(r"^(?:[\w.$-]+|\"[^\"]*\"):")
_ATTACHED = re.compile(r"(?:, ![\w.]+ !\d+)+$")
_DBG = re.compile(r"!dbg (!\d+)")
_POINTER = (
    r"(?P<p>getelementptr[^(]*\([^()]*(?:\([^()]*\)[^()]*)*\)|inttoptr \([^)]*\)|[@%][^\s,]+|"
    r"null|poison|undef)"
)
_LOAD = re.compile(
    rf"^(?P<r>%\S+) = load (?:volatile )?(?P<t>.+?), ptr {_POINTER}, align (?P<a>\d+)"
)
_STORE = re.compile(
    r"^store (?:volatile )?(?P<t><\d+ x [\w]+>|\[[^\]]*\]|\{[^}]*\}|\w+) (?P<v>.+?), "
    rf"ptr {_POINTER}, align (?P<a>\d+)"
)
_ATTRIBUTES = r"(?:\w+(?:\([^)]*\)| \d+)? )*"
_BLOCK_WRITE = re.compile(
    rf"call void @llvm\.mem(?P<kind>cpy|move|set)[\w.]*\(ptr {_ATTRIBUTES}{_POINTER}, "
    rf"(?:ptr {_ATTRIBUTES}{_POINTER.replace('?P<p>', '?P<s>')}|i8 .*?), i(?P<w>32|64) "
    rf"{_ATTRIBUTES}(?P<n>[%\w.-]+), i1 "
)
_SITED = re.compile(r"(call .*@__aie_(?:vgather_w\d+|table)\(.*, i32 (?:noundef )?)0\)")
# What was never set is as little known as what memory holds that the kernel was not given.
_UNSET = {
    kind: f"%kg.u{i}"
    for i, kind in enumerate(
        ("<16 x i32>", "<8 x i32>", "<4 x i32>", "i64", "i32", "i16", "i8", "float")
    )
}
_UNSET_REGISTER = re.compile(r"<16 x i32> (?:undef|poison)(?=[,)])")
_UNSET_BEFORE = re.compile(r"\[ (?:undef|poison),")
_PHI = re.compile(r" = phi (<\d+ x i32>|i\d+|float) ")
_VARIABLE = re.compile(r"^@[^=]+ = (?:[a-z_]+(?:\([^)]*\))? )*?(global|constant) ")
_STACK = 1024  # variables lie behind it
_ALIGNED = re.compile(r", align (\d+)$")
_VECTOR_TYPE = re.compile(r"^<(\d+) x (\w+)>$")
_SCALAR_BITS = {"bfloat": 16, "float": 32, "ptr": 32, "double": 64}
# All that a definition may say before its return type; the tile needs none of it.
_LINKAGE = re.compile(
    r"^define (?:(?:private|internal|available_externally|linkonce_odr|linkonce|weak_odr|weak"
    r"|dso_local|hidden|protected) )*"
)


@dataclass(frozen=True)
class Lowered:
    """wasm32 IR and how to read its counters."""

    text: str
    blocks: tuple[tuple[str, int], ...]  # counter index -> (function, block index)
    entered: tuple[int, ...]  # counters of blocks that loop to themselves: entries are counted too
    copied: tuple[int, ...]  # counters of blocks with copies of unknown size: bytes are counted too
    site_lines: tuple[int | None, ...]  # check site -> source line
    mutable_globals: tuple[tuple[str, int], ...]  # name, bytes
    constant_bytes: int  # tables the kernel brings along


@dataclass
class _State:
    """What has been gathered while walking the text."""

    self_loops: Mapping[tuple[str, int], tuple[str, tuple[str, ...]]]
    out: list[str] = field(default_factory=list)
    entered: list[int] = field(default_factory=list)
    copied: list[int] = field(default_factory=list)
    blocks: list[tuple[str, int]] = field(default_factory=list)
    sites: list[int | None] = field(default_factory=list)
    mutable: list[tuple[str, int]] = field(default_factory=list)
    types: TypeSizes = field(default_factory=TypeSizes)
    constant_bytes: int = 0
    function: str = ""
    block: int = -1
    pending_counter: bool = False
    names: int = 0
    instructions: int = 0


def type_bytes(text: str) -> int:
    """Bytes a value of this first-class IR type takes in memory; 1 where it is an aggregate."""
    vector = _VECTOR_TYPE.match(text)
    if vector:
        return (int(vector[1]) * _scalar_bits(vector[2]) + 7) // 8
    return (_scalar_bits(text) + 7) // 8


def _scalar_bits(text: str) -> int:
    if text[:1] == "i" and text[1:].isdigit():
        return int(text[1:])
    return _SCALAR_BITS.get(text, 8)


def _self_loops(module: Module) -> dict[tuple[str, int], tuple[str, tuple[str, ...]]]:
    """(function, block) of a block that jumps to itself -> its label, its other predecessors."""
    found = {}
    for function in module.functions.values():
        before: dict[str, set[str]] = {}
        for block in function.blocks:
            for label in block.successors:
                before.setdefault(label, set()).add(block.label)
        for block in function.blocks:
            if block.label in block.successors:
                others = tuple(sorted(before[block.label] - {block.label}))
                found[function.name, block.index] = (block.label, others)
    return found


def lower(ir: str, module: Module, classes: AliasClasses) -> Lowered:
    """Lowers one module; `module` is the same text, parsed. Raises Refused."""
    line_of = module.line_of
    state = _State(self_loops=_self_loops(module))
    bfloat = BfloatLowering()
    for raw in ir.split("\n"):
        line = raw.strip()
        if not line or line[0] in ";!":
            continue
        debug = _DBG.search(line)
        where = line_of(debug[1]) if debug and state.function else None
        try:
            _line(state, bfloat, line, where, classes)
        except Unsupported as reason:
            raise Refused(str(reason), where) from reason
    for index in range(len(state.blocks)):
        state.out.append(f"@__kg_c{index} = addrspace(1) global i32 undef")
    for index in state.entered:
        state.out.append(f"@__kg_e{index} = addrspace(1) global i32 undef")
    for index in state.copied:
        state.out.append(f"@__kg_b{index} = addrspace(1) global i32 undef")
    state.out.append(bfloat.definitions())
    state.out.append(_RUNTIME)
    return Lowered(
        "\n".join(state.out),
        tuple(state.blocks),
        tuple(state.entered),
        tuple(state.copied),
        tuple(state.sites),
        tuple(state.mutable),
        state.constant_bytes,
    )


_RUNTIME = """
declare void @__kg_store(ptr, i32, i32, i32)
declare void @__kg_copy(ptr, ptr, i32, i32)
declare void @__kg_align(ptr, i32, i32)
declare void @__kg_restrict_load(ptr, i32, i32, i32, i32)
declare void @__kg_restrict_store(ptr, i32, i32, i32, i32)
declare void @__kg_restrict_scope(i32)
"""


def _line(
    state: _State, bfloat: BfloatLowering, line: str, where: int | None, classes: AliasClasses
) -> None:
    if state.function:
        _inside(state, bfloat, line, where, classes)
        return
    if line.startswith("define "):
        _define(state, bfloat, line)
    elif line.startswith("declare "):
        _declare(state, bfloat, line)
    elif line.startswith("target datalayout"):
        state.out.append(f'target datalayout = "{DATA_LAYOUT}"')
    elif line.startswith("target triple"):
        state.out.append('target triple = "wasm32-unknown-unknown"')
    elif line.startswith("attributes #"):
        forbidden.check_attributes(line)
        state.out.append(host_free_attributes(line))
    else:
        _module_level(state, line)


def host_free_attributes(line: str) -> str:
    """An attribute group without the host's own (quoted) attributes; never empty."""
    text = re.sub(r'\s(?:"[^"]*"(?:="[^"]*")?|noimplicitfloat\b)', "", line)
    return re.sub(r"\{\s*\}", "{ nounwind }", text)


def _module_level(state: _State, line: str) -> None:
    if line.startswith(("@llvm.used = ", "@llvm.compiler.used = ")):
        return
    forbidden.check_global(line)
    text = _ATTACHED.sub("", line)
    if " = type " in text:
        state.types.declare(text)
    if text.startswith("@"):
        name = text[1:].split(" =", 1)[0]
        forbidden.check_symbol(name)
        variable = _VARIABLE.match(text)
        size = state.types.size(text[variable.end() :]) if variable else 0
        align = _ALIGNED.search(text)
        if align:  # one after another; what lies between is lost
            used = _STACK + state.constant_bytes + sum(taken for _, taken in state.mutable)
            state.constant_bytes += -used % int(align[1])
        if variable and variable[1] == "constant":
            state.constant_bytes += size
        elif variable:
            state.mutable.append((name.strip('"'), size))
            text = re.sub(r"\b(?:internal|private) ", "", text, count=1)
            text = text.replace("local_unnamed_addr ", "").replace("unnamed_addr ", "")
    state.out.append(bfloat_as_bits(text))


def _define(state: _State, bfloat: BfloatLowering, line: str) -> None:
    match = _DEFINE.match(line)
    if match is None:
        raise Refused("a function of a form that is not understood")
    name = match["name"].strip('"')
    if name != ENTRY:
        forbidden.check_symbol(name)
    if name.startswith("__aie_"):
        raise Refused(f"a definition of {name}, which belongs to the simulator")
    forbidden.check_line(line, None)
    state.function, state.block = name, -1
    text = re.sub(r" !dbg !\d+", "", line)
    text = re.sub(r'\bsection "[^"]*" ', "", text)
    if name != ENTRY:  # a weak one would be priced here, and replaced by the library's when linked
        text = re.sub(r" comdat(?:\(\$[^)]*\))?", "", _LINKAGE.sub("define internal ", text))
    state.out.append(bfloat_as_bits(re.sub(r"nofpclass\([^)]*\) ", "", text)))
    _new_block(state)


def _declare(state: _State, bfloat: BfloatLowering, line: str) -> None:
    match = _DECLARE.match(line)
    if match is None:
        raise Refused("a declaration of a form that is not understood")
    forbidden.check_line(line, None)
    name = match["name"].strip('"')
    if name.startswith("llvm."):
        base = name.removeprefix("llvm.")
        forbidden.check_intrinsic(name)
        if "bf16" in name or base.startswith(("dbg.", "experimental.noalias")):
            return
        bfloat.declared_elsewhere(f"@{name}")
    else:
        forbidden.check_symbol(name)
    state.out.append(bfloat_as_bits(re.sub(r"!dbg !\d+ |nofpclass\([^)]*\) ", "", line)))


def _new_block(state: _State) -> None:
    state.block += 1
    state.blocks.append((state.function, state.block))
    state.pending_counter = True
    if len(state.blocks) > BLOCKS:
        raise Refused(f"more than {BLOCKS} basic blocks")
    loop = state.self_loops.get((state.function, state.block))
    if loop:
        label, others = loop
        index = len(state.blocks) - 1
        arms = ", ".join([f"[ 0, {label} ]", *(f"[ 1, {other} ]" for other in others)])
        state.out.append(f"%kg.e{index} = phi i32 {arms}")
        state.entered.append(index)


def _inside(
    state: _State, bfloat: BfloatLowering, line: str, where: int | None, classes: AliasClasses
) -> None:
    if line == "}":
        state.out.append("}")
        state.function = ""
        return
    if _LABEL.match(line):
        state.out.append(line.split(";")[0].rstrip())
        # clang prints the entry block's label only when it has a name
        if not (state.block == 0 and state.pending_counter):
            _new_block(state)
        return
    if line.startswith("#dbg"):
        return
    state.instructions += 1
    if state.instructions > INSTRUCTIONS:
        raise Refused(f"more than {INSTRUCTIONS} instructions")
    forbidden.check_line(line, where)
    text = _ATTACHED.sub("", line)
    if state.pending_counter and " = phi " not in text:
        _count(state)
    if "@llvm.experimental.noalias.scope.decl" in text:
        bits = classes.of_scope_declaration(line)
        if bits:
            state.out.append(f"call void @__kg_restrict_scope(i32 {bits})")
        return
    if " = alloca " in text and re.search(r"alloca [^,]+, i\d+ %", text):
        raise Refused("an array of variable length on the stack", where)
    _check(state, line, text, where, classes)
    text = _with_unset(text)
    if "@__aie_vgather_" in text or "@__aie_table(" in text:
        text = _SITED.sub(rf"\g<1>{_site(state, where)})", text)
    if "bfloat" in text or "bf16" in text:
        state.out.extend(bfloat.line(text))
    else:
        state.out.append(text)


def _with_unset(text: str) -> str:
    """An operand of a machine operation, or a value before a loop, that nothing has set."""
    if "@__aie_v" in text:
        return _UNSET_REGISTER.sub(f"<16 x i32> {_UNSET['<16 x i32>']}", text)
    phi = _PHI.search(text)
    unset = _UNSET.get(phi[1]) if phi else None
    return _UNSET_BEFORE.sub(f"[ {unset},", text) if unset else text


def _count(state: _State) -> None:
    index = len(state.blocks) - 1
    if state.block == 0:
        at = f"ptr inttoptr (i32 {WINDOW_BASE} to ptr), align 64"  # no buffer lies there
        state.out += [f"{name} = load {kind}, {at}" for kind, name in _UNSET.items()]
    old, new = f"%kg.c{index}", f"%kg.d{index}"
    state.out += [
        f"{old} = load i32, ptr addrspace(1) @__kg_c{index}",
        f"{new} = add i32 {old}, 1",
        f"store i32 {new}, ptr addrspace(1) @__kg_c{index}",
    ]
    if state.entered and state.entered[-1] == index:
        state.out += [
            f"%kg.f{index} = load i32, ptr addrspace(1) @__kg_e{index}",
            f"%kg.g{index} = add i32 %kg.f{index}, %kg.e{index}",
            f"store i32 %kg.g{index}, ptr addrspace(1) @__kg_e{index}",
        ]
    state.pending_counter = False


def _count_bytes(state: _State, size: str) -> None:
    """Adds a copy's size, known only at run time, to the counter of its block."""
    index = len(state.blocks) - 1
    if index not in state.copied:
        state.copied.append(index)
    state.names += 1
    old, new = f"%kg.n{state.names}a", f"%kg.n{state.names}b"
    state.out += [
        f"{old} = load i32, ptr addrspace(1) @__kg_b{index}",
        f"{new} = add i32 {old}, {size}",
        f"store i32 {new}, ptr addrspace(1) @__kg_b{index}",
    ]


def _site(state: _State, where: int | None) -> int:
    state.sites.append(where)
    return len(state.sites) - 1


def _mask(bytes_: int, align: int) -> int:
    """Address bits that must be zero: vectors of 256 bits and more are accessed by 32 bytes."""
    need = min(bytes_, 32)
    return need - 1 if bytes_ >= 16 and align >= need else 0


def _check(state: _State, line: str, text: str, where: int | None, classes: AliasClasses) -> None:
    store = _STORE.match(text) if text.startswith("store") else None
    load = _LOAD.match(text) if not store and " = load " in text else None
    access = store or load
    if access:
        stored = access["t"]
        size = state.types.size(stored) if stored[0] in "[{" else type_bytes(stored)
        mask = _mask(size, int(access["a"]))
        if store:
            site = _site(state, where)
            state.out.append(
                f"call void @__kg_store(ptr {access['p']}, i32 {size}, i32 {mask}, i32 {site})"
            )
        elif mask:
            site = _site(state, where)
            state.out.append(f"call void @__kg_align(ptr {access['p']}, i32 {mask}, i32 {site})")
        claimed = classes.of_access(line)
        if claimed and claimed.conflicts:
            kind = "store" if store else "load"
            state.out.append(
                f"call void @__kg_restrict_{kind}(ptr {access['p']}, i32 {size}, "
                f"i32 {claimed.bit}, i32 {claimed.conflicts}, i32 {_site(state, where)})"
            )
    elif text.startswith("store"):
        raise Refused("a store of a form that is not understood", where)
    elif "@llvm.mem" in text:
        _check_block_write(state, text, where, classes.of_access(line))


def _check_block_write(
    state: _State, text: str, where: int | None, claimed: AliasClass | None
) -> None:
    match = _BLOCK_WRITE.search(text)
    if match is None:
        raise Refused("a block copy of a form that is not understood", where)
    size = match["n"]
    if match["w"] == "64" and size.startswith("%"):
        state.names += 1
        short = f"%kg.n{state.names}"
        state.out.append(f"{short} = trunc i64 {size} to i32")
        size = short
    if size.startswith("%"):
        _count_bytes(state, size)
    site = _site(state, where)
    state.out.append(f"call void @__kg_store(ptr {match['p']}, i32 {size}, i32 0, i32 {site})")
    if match["kind"] == "cpy":
        state.out.append(
            f"call void @__kg_copy(ptr {match['p']}, ptr {match['s']}, i32 {size}, i32 {site})"
        )
    if claimed and claimed.conflicts:
        rest = f"i32 {size}, i32 {claimed.bit}, i32 {claimed.conflicts}, i32 {site})"
        if match["s"]:
            state.out.append(f"call void @__kg_restrict_load(ptr {match['s']}, {rest}")
        state.out.append(f"call void @__kg_restrict_store(ptr {match['p']}, {rest}")
