"""Prices of arithmetic on clang's own vector types, as the operations of the headers do it.

The core has no instruction for most of what `__attribute__((vector_size))` can express. What the
headers can say costs the same here; what no instruction does is done lane by lane.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.model.permute import single_instruction
from kernelgepa.npu.model.scalar import NotModelled, scalar_price

_VECTOR = re.compile(r"<(\d+) x (\w+)>")
_BITS: Mapping[str, int] = {"bfloat": 16, "half": 16, "float": 32, "double": 64, "ptr": 32}
_FLOATS = ("bfloat", "half", "float", "double")
_PLAIN: Mapping[str, str] = {
    "add": "vadd_i{w}", "sub": "vsub_i{w}", "and": "vband", "or": "vbor", "xor": "vbxor",
    "fneg": "vbxor", "select": "vsel_w{w}", "shl": "vshl_i{w}", "lshr": "vlshr_u{w}",
    "ashr": "vashr_i{w}", "icmp": "vlt_i{w}",
}  # fmt: skip
_INTRINSICS: Mapping[str, tuple[str, ...]] = {
    "smax": ("vmax_i{w}",), "smin": ("vmin_i{w}",), "umax": ("vmax_u{w}",),
    "umin": ("vmin_u{w}",), "abs": ("vabs_i{w}",), "fabs": ("vband",),
    "copysign": ("vband", "vband", "vbor"), "fshl": ("vshl_i{w}", "vlshr_u{w}", "vbor"),
    "fshr": ("vshl_i{w}", "vlshr_u{w}", "vbor"),
}  # fmt: skip
_SATURATING = ("sadd", "uadd", "ssub", "usub")  # through accumulators
_CASTS = ("zext", "sext", "trunc", "fpext", "fptrunc", "sitofp", "uitofp", "fptosi", "fptoui")
_SHUFFLED = ("insertelement", "extractelement", "shufflevector")
REGISTER = 64  # bytes


@dataclass(frozen=True)
class Native:
    """Names of header operations, one after another, `times` side by side; then library calls."""

    operations: tuple[str, ...] = ()
    machine: tuple[str, ...] = ()
    times: int = 1
    apart: bool = True  # each time on its own share of the lanes
    library: str = ""
    calls: int = 1


def lanes(type_: str) -> tuple[int, str, int]:
    """(lanes, element type, bits of an element) of a vector type; one lane of anything else."""
    found = _VECTOR.match(type_)
    count, kind = (int(found[1]), found[2]) if found else (1, type_)
    bits = _BITS.get(kind) or int(kind[1:] if kind[1:].isdigit() else 32)
    return count, kind, bits


def native_price(made: Instruction) -> Native:
    """Price of an instruction that reads or makes vectors, calls excepted. Raises NotModelled."""
    types = [m[0] for m in _VECTOR.finditer(made.text)]
    if made.opcode in ("insertelement", "extractelement"):
        return _one_lane(made.opcode, types[0])
    if made.opcode == "shufflevector":
        return _shuffle(made, types)
    widest = max(types, key=_bits)
    count, kind, width = lanes(widest)
    if width == 1:
        return Native(machine=("scalar",), times=max(1, count // 32))
    if _bits(widest) < 128 or width not in (8, 16, 32):
        return _by_lane(made, types)
    if made.opcode in _CASTS:
        return _cast(made, types)
    return _arithmetic(made, kind, width, count, types)


def native_intrinsic(made: Instruction, base: str) -> Native:
    """Price of `llvm.<base>` on vectors. Raises NotModelled."""
    count, _, width = lanes(made.type)
    names = tuple(name.format(w=width) for name in _INTRINSICS.get(base, ()))
    if base in _SATURATING and _bits(made.type) >= 128 and width in (8, 16, 32):
        per, tag = (16, "a64") if width == 32 else (32, "a32")
        up = f"vups_{tag}_i{width}"
        steps = (up, up, f"vaccadd_{tag}", f"vsrs_i{width}_{tag}")
        return Native(steps, times=max(1, -(-count // per)))
    if not names and base not in _SATURATING:
        raise NotModelled(f"`llvm.{base}` on vectors", made.line)
    if _bits(made.type) < 128 or width not in (8, 16, 32):
        return Native(machine=(*_taken(made.type), *("scalar",) * 4), times=count)
    return Native(names, times=max(1, -(-count * width // (8 * REGISTER))))


def _one_lane(opcode: str, type_: str) -> Native:
    """A lane in or out: of a mask or of what fits scalar registers by shifts, else by the core's
    instruction, for 32 bits at a time."""
    if _bits(type_) < 128 or lanes(type_)[2] == 1:
        return Native(machine=("scalar",) * (2 if opcode == "extractelement" else 3))
    words = max(1, lanes(type_)[2] // 32)
    name = "extract" if opcode == "extractelement" else "vector_move"
    return Native(machine=(name,), times=words, apart=False)


def _arithmetic(made: Instruction, kind: str, width: int, count: int, types: list[str]) -> Native:
    opcode = made.opcode
    registers = max(1, -(-count * width // (8 * REGISTER)))
    if kind in _FLOATS and opcode not in ("fneg", "select"):
        return _float(made, kind, count, types)
    if opcode == "icmp" and re.search(r"\b(?:eq|ne) <", made.text):
        return Native((f"veq_w{width}",), times=registers)
    if opcode in _PLAIN:
        return Native((_PLAIN[opcode].format(w=width),), times=registers)
    if opcode == "mul":
        per = 16 if width == 32 else 32
        last = {8: "vsrs_i8_a32", 16: "vsrs_i16_a32", 32: "vsrs_i32_a64"}[width]
        return Native((f"vmul_i{width}", last), times=max(1, -(-count // per)))
    return _by_lane(made, types)


def _float(made: Instruction, kind: str, count: int, types: list[str]) -> Native:
    times, opcode = max(1, -(-count // 16)), made.opcode
    if opcode == "fcmp":
        name = "vlt_f32" if kind == "float" else "vlt_bf16"
        return Native((name,), times=times if kind == "float" else max(1, -(-count // 32)))
    if opcode == "fmul":
        whole = ("vmul_f32",) if kind == "float" else ("vmul_bf16", "vconv_bf16_f32")
        return Native(whole, times=times)
    if opcode in ("fadd", "fsub"):
        add = "vaccadd_f32" if opcode == "fadd" else "vaccsub_f32"
        wide = ("vconv_f32_bf16", add, "vconv_bf16_f32")
        return Native((add,) if kind == "float" else wide, times=times)
    return _by_lane(made, types)


def _cast(made: Instruction, types: list[str]) -> Native:
    count, source, before = lanes(types[0])
    _, target, after = lanes(types[-1])
    if {before, after} - {1, 8, 16, 32}:
        return _by_lane(made, types)
    if before == 1 or after == 1:  # a mask becomes lanes, or lanes a mask
        width = max(before, after)
        times = max(1, -(-count * width // (8 * REGISTER)))
        return Native((f"vsel_w{width}" if before == 1 else f"vlt_i{width}",), times=times)
    sixteens = max(1, -(-count // 16))
    if source in _FLOATS and target in _FLOATS:
        widens = after > before
        return Native(("vconv_f32_bf16" if widens else "vconv_bf16_f32",), times=sixteens)
    if source in _FLOATS or target in _FLOATS:
        steps: tuple[str, ...] = ("vconv_f32_i32" if target in _FLOATS else "vconv_i32_f32",)
        if "bfloat" in (source, target):
            steps += ("vconv_bf16_f32" if target == "bfloat" else "vconv_f32_bf16",)
        narrow = before if target in _FLOATS else after
        return Native(steps + ("vups_a32_i16",) * (narrow < 32), times=sixteens)
    return _integers(before, after, count)


def _integers(before: int, after: int, count: int) -> Native:
    """Packing or unpacking, 512 bits of the wider type at a time; 8 to 32 bits are two steps."""
    wide, narrow = max(before, after), min(before, after)
    times = max(1, -(-count * wide // (8 * REGISTER)))
    if after > before:
        steps = ("vunpack_i16_i8",) * (narrow == 8) + ("vunpack_i32_i16",) * (wide == 32)
    else:
        steps = ("vpack_w16_w32",) * (wide == 32) + ("vpack_w8_w16",) * (narrow == 8)
    return Native(steps, times=times)


def _shuffle(made: Instruction, types: list[str]) -> Native:
    _, _, width = lanes(types[0])
    result = types[-1]
    count = lanes(result)[0]
    if count * width < 128:
        return Native(machine=_taken(result), times=count, apart=False)
    if single_instruction(made.text):
        times = max(1, -(-count * width // (8 * REGISTER)))
        return Native(machine=("vector",), times=times, apart=False)
    return Native(machine=_taken(result), times=count, apart=False)


def _by_lane(made: Instruction, types: list[str]) -> Native:
    """Lanes taken out one by one, computed as scalars, and put together again."""
    count = max(lanes(type_)[0] for type_ in types)
    if made.opcode in _SHUFFLED or any(kind == "ptr" for _, kind, _ in map(lanes, types)):
        raise NotModelled(f"`{made.opcode}` on vectors of this type", made.line)
    one = _VECTOR.sub(lambda m: m[2], made.text)
    price = scalar_price(replace(made, type=lanes(made.type)[1], text=one))
    moves = _taken(max(types, key=_bits))
    calls = price.calls * count
    return Native(machine=(*moves, *price.ops), times=count, library=price.library, calls=calls)


def _taken(type_: str) -> tuple[str, ...]:
    """A lane out of a vector and one in, per 32 bits."""
    words = max(1, lanes(type_)[2] // 32)
    if _bits(type_) < 128:
        return ("scalar", "scalar") * words
    return ("extract", "vector_move") * words


def _bits(type_: str) -> int:
    count, _, width = lanes(type_)
    return count * width
