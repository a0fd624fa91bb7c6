"""Runs a linked kernel in a WebAssembly instance: the tile. No system calls, bounded in all ways.

Memory: the shadow stack and constants lie below WINDOW_BASE, buffers from WINDOW_BASE on, each
between red zones; what the runtime keeps of them follows. What the kernel may store to is marked
byte by byte; everything else traps.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernelgepa.npu.codegen import PAGES, STACK_BYTES
from kernelgepa.npu.frontend import ENTRY
from kernelgepa.protocols import Case
from kernelgepa.task import ITEM_BYTES, Interface
from kernelgepa.verdict import Diagnostic

if TYPE_CHECKING:
    import wasmtime

WINDOW_BASE = 0x100000
PERMISSION = 0x140000  # as in sandbox/aie/tile/runtime.c
RED_ZONE = 256
DATA_MEMORY = 64 * 1024
FUEL = 300_000_000
_FAULTS = {
    1: ("misaligned", "a vector access to an address that is not a multiple of {align} bytes; "
        "the core would read or write other bytes (use load_unaligned_v / store_unaligned_v)"),
    2: ("out-of-bounds", "a store outside the kernel's buffers, stack and variables{place}"),
    3: ("restrict", "two pointers declared __restrict touch the same bytes, one of them to store"),
    4: ("overlap", "a block copy (memcpy) between places that overlap: its result is undefined"),
    5: ("misaligned", "a lookup table at an address that is not a multiple of {align} bytes: the "
        "core would look up other values; declare it alignas(aie::vector_decl_align)"),
    6: ("table-size", "a lookup table smaller than its LUT_elems: each of the two arrays holds "
        "every entry twice, and a value of 8 bits takes 16"),
    7: ("table-layout", "the copies of a lookup table's entry differ: in each of its two arrays "
        "every 128 bits must be followed by the same 128 bits, and both arrays must be equal; or "
        "an index lies outside the table"),
    8: ("table-size", "lut_oor_policy::truncate keeps the lower bits of an index: LUT_elems must "
        "be a power of two"),
    9: ("step-bits", "step_bits is too small for linear_approx: at least 2 for int8, 3 for int16 "
        "and 4 for int32 values"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a buffer lies."""

    name: str
    address: int
    size: int
    writable: bool


@dataclass(frozen=True)
class TileRun:
    """Outcome of one run: what lies in the output buffers, counters, or the trap."""

    outputs: Mapping[str, bytes]
    counts: tuple[int, ...]  # only where they are asked for
    trap: Diagnostic | None
    changed: tuple[str, ...] = ()  # inputs that are not what they were


@dataclass(frozen=True)
class Module:
    """A compiled module and what is needed to run it."""

    engine: wasmtime.Engine
    module: wasmtime.Module
    counters: tuple[str, ...]
    site_lines: tuple[int | None, ...]
    mutable: tuple[tuple[str, int], ...]  # the kernel's own variables: name, bytes


class TileFault(Exception):
    def __init__(self, code: int, site: int, address: int) -> None:
        super().__init__(f"fault {code}")
        self.code, self.site, self.address = code, site, address


def engine() -> wasmtime.Engine:
    """An engine whose results are the same bits on every machine."""
    import wasmtime  # noqa: PLC0415

    config = wasmtime.Config()
    config.consume_fuel = True
    config.cranelift_nan_canonicalization = True
    config.cranelift_opt_level = "speed"
    config.parallel_compilation = False
    config.wasm_threads = False
    config.memory_reservation = PAGES << 16
    config.memory_guard_size = 1 << 16
    config.memory_init_cow = (
        False  # its images are memory files, which a confined worker cannot make
    )
    config.max_wasm_stack = 256 * 1024
    return wasmtime.Engine(config)


def layout(interface: Interface, case: Case, shift: int = 0) -> list[Place]:
    """Addresses of the buffers, aligned to 64 bytes, red zones between them."""
    places, at = [], WINDOW_BASE + RED_ZONE + shift
    for p in interface.parameters:
        if p.role == "scalar":
            continue
        size = len(case.inputs[p.name]) if p.role == "in" else case.output_bytes[p.name]
        places.append(Place(p.name, at, size, p.role == "out"))
        at += (size + 63) // 64 * 64 + RED_ZONE
    return places


def arguments(interface: Interface, case: Case, places: Sequence[Place]) -> list[int | float]:
    """Values in call order: addresses, integers extended to 32 bits, bfloat16 as its bits."""
    address = {p.name: p.address for p in places}
    values: list[int | float] = []
    for p in interface.parameters:
        if p.role != "scalar":
            values.append(address[p.name])
        elif p.dtype == "float32":
            values.append(float(case.scalars[p.name]))
        elif p.dtype == "bfloat16":
            values.append(bfloat16_bits(float(case.scalars[p.name])))
        else:
            values.append(_integer(int(case.scalars[p.name]), p.dtype))
    return values


def _integer(value: int, dtype: str) -> int:
    bits = 8 * ITEM_BYTES[dtype]
    value &= (1 << bits) - 1
    if not dtype.startswith("u") and value >> (bits - 1):
        value -= 1 << bits
    return value - (1 << 32) if value >= 1 << 31 else value


def bfloat16_bits(value: float) -> int:
    """Nearest-even bfloat16 of a number, as an unsigned 16-bit integer.

    Without numpy: importing it would take longer than the kernel in a worker that has just begun.
    """
    if math.isnan(value):
        return 0xFFC0 if math.copysign(1.0, value) < 0 else 0x7FC0
    try:
        (bits,) = struct.unpack("<I", struct.pack("<f", value))
    except OverflowError:
        return 0xFF80 if value < 0 else 0x7F80
    nearest: int = bits + 0x7FFF + (bits >> 16 & 1) >> 16
    return nearest


class Tile:
    """One instance. What a run leaves in the kernel's variables, the next one in it finds."""

    def __init__(self, module: Module) -> None:
        import wasmtime  # noqa: PLC0415

        self._w = wasmtime
        self._module = module
        self._store = wasmtime.Store(module.engine)
        self._store.set_fuel(FUEL)  # making an instance takes some
        self._fault: TileFault | None = None
        self._end = WINDOW_BASE
        linker = wasmtime.Linker(module.engine)
        i32 = wasmtime.ValType.i32()
        linker.define_func("tile", "fault", wasmtime.FuncType([i32] * 3, []), self._on_fault)
        self._exports = linker.instantiate(self._store, module.module).exports(self._store)
        memory = self._exports["__kg_memory"].get_buffer_ptr(self._store)  # it never moves or grows
        self._bytes = memoryview(memory).cast("B")
        self._permit(64, STACK_BYTES - 64)
        for name, size in module.mutable:
            if name in self._exports:
                self._permit(self._exports[name].value(self._store), size)

    def _on_fault(self, code: int, site: int, address: int) -> None:
        self._fault = TileFault(code, site, address & 0xFFFFFFFF)
        raise self._fault

    def _write(self, data: bytes | bytearray, address: int) -> None:
        self._bytes[address : address + len(data)] = data

    def _permit(self, address: int, size: int) -> None:
        self._write(b"\1" * size, PERMISSION + address)

    def run(self, interface: Interface, case: Case, poison: bytes, shift: int = 0) -> TileRun:
        """Fills buffers, calls the kernel, reads what it left.

        `poison` is repeated over everything that the kernel has not been given a value for; all
        buffers lie `shift` bytes, a multiple of 64, higher.
        """
        places = layout(interface, case, shift)
        end = places[-1].address + places[-1].size + RED_ZONE if places else WINDOW_BASE
        self._store.set_fuel(FUEL)
        self._end = max(self._end, end)  # what an earlier run was permitted lies below
        window = bytearray(_repeat(poison, self._end - WINDOW_BASE))
        permitted = bytearray(len(window))
        for place in places:
            at = slice(place.address - WINDOW_BASE, place.address - WINDOW_BASE + place.size)
            permitted[at] = b"\1" * place.size
            if place.name in case.inputs:
                window[at] = case.inputs[place.name]
        self._write(window, WINDOW_BASE)
        self._write(permitted, PERMISSION + WINDOW_BASE)
        self._write(_repeat(poison, STACK_BYTES - 64), 64)
        trap = self._call(arguments(interface, case, places), places)
        left = {p.name: self._read(p) for p in places}
        return TileRun(
            {p.name: left[p.name] for p in places if p.writable},
            self._counts() if case.profile else (),
            trap,
            tuple(n for n, given in case.inputs.items() if left.get(n, given) != given),
        )

    def _counts(self) -> tuple[int, ...]:
        names = self._module.counters
        return tuple(self._exports[name].value(self._store) & 0xFFFFFFFF for name in names)

    def _read(self, place: Place) -> bytes:
        return bytes(self._bytes[place.address : place.address + place.size])

    def _call(self, values: list[int | float], places: Sequence[Place]) -> Diagnostic | None:
        try:
            self._exports[ENTRY](self._store, *values)
        except TileFault as fault:
            return self._explain(fault, places)
        except (self._w.Trap, self._w.WasmtimeError) as trap:
            if self._fault is not None:
                return self._explain(self._fault, places)
            return _trap(str(trap))
        return None

    def _explain(self, fault: TileFault, places: Sequence[Place]) -> Diagnostic:
        code, text = _FAULTS[fault.code]
        near = [
            p
            for p in places
            if p.address - RED_ZONE <= fault.address < p.address + p.size + RED_ZONE
        ]
        place = ""
        if near:
            offset = fault.address - near[0].address
            place = f": byte {offset} of {near[0].name}, which has {near[0].size}"
        lines = self._module.site_lines  # stores by library functions have no site
        line = lines[fault.site] if fault.site < len(lines) else None
        return Diagnostic(text.format(place=place, align=32), line=line, code=code)


def _repeat(pattern: bytes, size: int) -> bytes:
    return (pattern * (size // len(pattern) + 1))[:size]


def _trap(text: str) -> Diagnostic:
    for key, code, message in (
        ("fuel", "fuel", f"the kernel did not finish within {FUEL:,} steps: an endless loop"),
        ("call stack exhausted", "stack", "the call stack is exhausted: unbounded recursion"),
        ("out of bounds memory", "out-of-bounds", "an access far outside the kernel's memory"),
        ("divide by zero", "division", "an integer division by zero"),
        ("integer overflow", "division", "an integer division that overflows"),
        ("unreachable", "trap", "the kernel ran into code that must not be reached"),
        ("indirect call", "trap", "a call through a pointer that is not a function of that type"),
        ("undefined element", "trap", "a call through a pointer that is not a function"),
        ("uninitialized element", "trap", "a call through a null function pointer"),
    ):
        if key in text:
            return Diagnostic(message, code=code)
    return Diagnostic("the kernel trapped", code="trap")
