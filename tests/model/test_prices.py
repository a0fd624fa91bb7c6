"""No way of writing the same work is free: bounds that hold for any kernel, and old tricks."""

from __future__ import annotations

import random

import pytest

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.model.native import native_price
from kernelgepa.npu.model.scalar import NotModelled, scalar_price
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case
from kernelgepa.task import Interface, Parameter

from .measure import profile

HEAD = "#include <aie_api/aie.hpp>\n#include <string.h>\n"
INT8 = "a:int8*1024 b:int8*1024 -> c:int8*1024"
INT32 = "a:int32*256 b:int32*256 -> c:int32*256"
FLOAT = "a:float32*256 b:float32*256 -> c:float32*256"
C_NAMES = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


def _kernel(kind: str, body: str, before: str = "") -> str:
    name = C_NAMES.get(kind, kind)
    pointers = ", ".join(f"{name} *__restrict {p}" for p in "abc")
    return f"{HEAD}{before}\nvoid k({pointers}) {{\n{body}\n}}\n"


def _refusal(source: str) -> tuple[str, str]:
    """(code, message) with which a kernel of int32 buffers ends before it runs."""
    interface = Interface(
        "k",
        (
            Parameter("a", "in", "int32"),
            Parameter("b", "in", "int32"),
            Parameter("c", "out", "int32"),
        ),
    )
    data = {"a": bytes(1024), "b": bytes(1024)}
    done = execute_here(source, interface, [Case("one", data, {"c": 1024}, {}, profile=True)])
    assert not done.cases
    return done.diagnostics[0].code, done.diagnostics[0].message


# -- bounds


def _random_kernel(seed: int) -> tuple[str, str]:
    """Elementwise work on clang's vectors or the API's, of a random width and depth."""
    pick = random.Random(seed)
    kind = pick.choice(["int8", "int16", "int32", "float32", "bfloat16"])
    name = C_NAMES.get(kind, kind)
    size = {"int8": 1, "int16": 2, "bfloat16": 2}.get(kind, 4)
    bytes_ = pick.choice([16, 32, 64, 128])
    lines, names = [], ["x", "y"]
    for step in range(pick.randint(1, 6)):
        left, right = pick.choice(names), pick.choice(names)
        signs = "+-*" if kind in ("float32", "bfloat16") else "+-*&^"
        lines.append(f"    V t{step} = {left} {pick.choice(signs)} {right};")
        names.append(f"t{step}")
    trips = 4096 // bytes_
    body = (
        f"  typedef {name} V __attribute__((vector_size({bytes_})));\n"
        f"  for (int i = 0; i < {trips}; i++) {{\n"
        "    V x = ((V *)a)[i], y = ((V *)b)[i];\n" + "\n".join(lines) + "\n"
        f"    ((V *)c)[i] = {names[-1]};\n  }}"
    )
    items = 4096 // size
    return _kernel(kind, body), f"a:{kind}*{items} b:{kind}*{items} -> c:{kind}*{items}"


@pytest.mark.parametrize("seed", range(12))
def test_no_kernel_is_faster_than_its_ports_and_slots(seed: int) -> None:
    found = profile(*_random_kernel(seed))
    assert found.cycles >= -(-found.bytes_stored // 32)
    assert found.cycles >= -(-found.bytes_loaded // 64)
    assert found.cycles >= found.port_limit_cycles
    assert 0 <= found.vector_cycles <= found.cycles
    assert found.macs <= 256 * found.cycles
    for loop in found.loops:
        if loop.ii is not None:
            assert loop.ii >= max(loop.resource_bound.values())
            assert loop.ii >= loop.recurrence_bound
            assert loop.cycles >= (loop.trips - loop.entries) * loop.ii


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_every_vector_operation_takes_a_cycle_of_its_slot(count: int) -> None:
    steps = "\n".join(f"    x = aie::max(x, aie::shuffle_up(x, {k + 1}));" for k in range(count))
    body = (
        "  for (int i = 0; i < 1024; i += 32) {\n    auto x = aie::load_v<32>(a + i);\n"
        f"{steps}\n    aie::store_v(c + i, x);\n  }}"
    )
    found = profile(_kernel("int8", body), INT8)
    assert found.vector_cycles == 2 * count * 32
    assert found.cycles >= found.vector_cycles


# -- what has no price


def _instruction(text: str) -> Instruction:
    words = text.split(" = ")[1].split(" ")
    return Instruction("%r", words[0], words[1], text, ())


@pytest.mark.parametrize("opcode", ["cmpxchg", "va_arg", "landingpad", "frobnicate"])
def test_an_instruction_without_a_price_is_not_free(opcode: str) -> None:
    with pytest.raises(NotModelled, match=opcode):
        scalar_price(_instruction(f"%r = {opcode} i32 %a, %b"))
    with pytest.raises(NotModelled, match=opcode):
        native_price(_instruction(f"%r = {opcode} <16 x i32> %a, %b"))


SCALAR = ["and", "or", "xor", "add", "sub", "mul", "shl", "lshr", "ashr", "sdiv", "udiv", "srem"]
FLOATING = ["fadd", "fsub", "fmul", "fdiv", "frem"]


@pytest.mark.parametrize("width", [1, 8, 16, 24, 32, 33, 64, 99])
@pytest.mark.parametrize("opcode", SCALAR)
def test_every_integer_instruction_costs_something_and_wider_ones_no_less(
    opcode: str, width: int
) -> None:
    price = scalar_price(_instruction(f"%r = {opcode} i{width} %a, %b"))
    narrow = scalar_price(_instruction(f"%r = {opcode} i32 %a, %b"))
    assert price.ops or price.library
    assert len(price.ops) >= len(narrow.ops) or price.library


@pytest.mark.parametrize("kind", ["float", "double"])
@pytest.mark.parametrize("opcode", FLOATING)
def test_every_float_instruction_is_a_call_or_a_sequence(opcode: str, kind: str) -> None:
    price = scalar_price(_instruction(f"%r = {opcode} {kind} %a, %b"))
    assert price.library or len(price.ops) == 3


@pytest.mark.parametrize("lanes", [2, 4, 8, 16, 64])
@pytest.mark.parametrize("element", ["i8", "i16", "i32", "i64", "float", "double", "bfloat"])
def test_a_vector_instruction_costs_at_least_its_registers(element: str, lanes: int) -> None:
    width = {"i8": 8, "i16": 16, "bfloat": 16, "i64": 64, "double": 64}.get(element, 32)
    for opcode in SCALAR if element.startswith("i") else FLOATING:
        price = native_price(_instruction(f"%r = {opcode} <{lanes} x {element}> %a, %b"))
        registers = -(-lanes * width // 512)
        assert price.times * len(price.operations + price.machine) >= registers, opcode
        if "div" in opcode or "rem" in opcode:
            assert price.calls >= lanes
            assert price.library


# -- tricks


@pytest.mark.parametrize("bytes_", [2, 4, 8, 16, 32, 64, 256])
def test_division_is_no_cheaper_in_vectors_of_any_width(bytes_: int) -> None:
    body = (
        f"  typedef int8_t V __attribute__((vector_size({bytes_})));\n"
        f"  for (int i = 0; i < {1024 // bytes_}; i++) ((V *)c)[i] = ((V *)a)[i] / ((V *)b)[i];"
    )
    assert profile(_kernel("int8", body), INT8).cycles >= 1024 * 40


@pytest.mark.parametrize("operator", ["*", "/"])
def test_floats_in_pairs_are_library_calls_too(operator: str) -> None:
    body = (
        "  typedef float V __attribute__((vector_size(8)));\n"
        f"  for (int i = 0; i < 128; i++) ((V *)c)[i] = ((V *)a)[i] {operator} ((V *)b)[i];"
    )
    found = profile(_kernel("float32", body), FLOAT)
    assert sum(found.library_calls.values()) == 256


@pytest.mark.parametrize(
    ("cheap", "dear"),
    [
        ("c[i] = a[i] / b[i];", "c[i] = (int32_t)((int64_t)a[i] / (int64_t)b[i]);"),
        ("c[i] = a[i] * b[i];", "c[i] = (int32_t)((uint64_t)(unsigned)a[i] * b[i] >> 32);"),
        ("c[i] = a[i] + 1;", "c[i] = (int32_t)((float)a[i] + 1.0f);"),
    ],
)
def test_wider_types_are_no_way_around_a_price(cheap: str, dear: str) -> None:
    loop = "  for (int i = 0; i < 256; i++) {{ {} }}"
    plain = profile(_kernel("int32", loop.format(cheap)), INT32)
    wide = profile(_kernel("int32", loop.format(dear)), INT32)
    assert wide.cycles > plain.cycles


def test_double_is_dearer_than_float() -> None:
    loop = "  for (int i = 0; i < 256; i++) c[i] = (float){}(a[i]);"
    single = profile(_kernel("float32", loop.format("__builtin_expf")), FLOAT)
    double = profile(_kernel("float32", loop.format("__builtin_exp")), FLOAT)
    assert double.cycles > 4 * single.cycles


def test_copying_in_small_blocks_is_no_way_around_byte_stores() -> None:
    small = "  for (int i = 0; i < 341; i++) memcpy(c + 3 * i, a + 3 * i, 3);\n  c[1023] = a[1023];"
    plain = "  for (int i = 0; i < 1024; i++) c[i] = a[i];"
    assert (
        profile(_kernel("int8", small), INT8).cycles > profile(_kernel("int8", plain), INT8).cycles
    )


def test_a_switch_waits_for_its_table() -> None:
    cases = "".join(f"case {j}: v = v * {j + 3} + {j}; v ^= v >> {j % 7 + 1}; break; "
                    for j in range(12))  # fmt: skip
    body = (
        "  for (int i = 0; i < 256; i++) {\n    int v = b[i];\n"
        f"    switch (a[i]) {{ {cases} default: v = 0; }}\n    c[i] = v;\n  }}"
    )
    # index 7, check 1, table 7, jump and delay slots 6
    assert profile(_kernel("int32", body), INT32).cycles >= 256 * (7 + 1 + 7 + 6)


def test_a_loop_that_does_not_advance_by_a_constant_is_no_hardware_loop() -> None:
    body = "  int s = a[0];\n  for (int i = 0; i < 256; i += s) c[i] = a[i] + 1;"
    (loop,) = profile(_kernel("int32", body), INT32).loops
    assert loop.ii is None
    assert not loop.hardware_loop


def test_an_unaligned_store_reads_what_it_keeps() -> None:
    body = (
        "  for (int i = 0; i < 127; i++)\n"
        "    aie::store_unaligned_v(c + 32 * i + {}, aie::load_v<32>(a + 32 * i));"
    )
    head = (
        "  for (int i = 0; i < {}; i++) c[i] = 0;\n  for (int i = 4064; i < 4096; i++) c[i] = 0;\n"
    )
    buffers = INT8.replace("1024", "4096")
    moved = profile(_kernel("int8", head.format(3) + body.format(3)), buffers)
    (loop,) = [p for p in moved.loops if p.trips == 127]
    assert loop.recurrence_bound >= 7  # the next store reads what this one wrote
    assert loop.resource_bound["st"] == 2


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            "  int n = a[0] + 4, t[n];\n  t[n - 1] = b[0];\n  c[0] = t[a[1]];",
            "unsupported", "variable length",
        ),
        (
            "  typedef int32_t V __attribute__((vector_size(64)));\n  int s = 0;\n"
            "  for (int i = 0; i < 16; i++) s += __builtin_reduce_add(((V *)a)[i]);\n  c[0] = s;",
            "unsupported", "llvm.vector.reduce.add",
        ),
    ],
)  # fmt: skip
def test_what_the_core_cannot_hold_or_the_table_not_price_ends_with_a_reason(
    body: str, code: str, words: str
) -> None:
    found = _refusal(_kernel("int32", body))
    assert found[0] == code
    assert words in found[1]


def test_program_memory_is_bounded() -> None:
    lines = [f"  c[{i}] = (a[{i}] * b[{7 * i % 1024}]) ^ (a[{3 * i % 1024}] + {7919 * i});"
             for i in range(1024)]  # fmt: skip
    assert _refusal(_kernel("int32", "\n".join(lines)))[0] == "program-memory"


def test_recursion_through_a_pointer_is_recursion() -> None:
    before = (
        "typedef int (*F)(int *, int);\nextern F volatile p;\n"
        "__attribute__((noinline)) int f(int *a, int n) "
        "{ return n ? p(a, n - 1) * 3 + a[n] : 0; }\nF volatile p = f;"
    )
    body = "  for (int i = 0; i < 256; i++) c[i] = f(a, i & 7);"
    assert _refusal(_kernel("int32", body, before))[0] == "stack"


def test_a_large_struct_counts_on_the_stack() -> None:
    before = (
        "struct S { int x[300]; };\n"
        "__attribute__((noinline)) int g(S *s, int n) { return s->x[n]; }"
    )
    body = (
        "  S s;\n  for (int i = 0; i < 300; i++) s.x[i] = a[i & 255];\n"
        "  for (int i = 0; i < 256; i++) c[i] = g(&s, b[i]);"
    )
    code, message = _refusal(_kernel("int32", body, before))
    assert code == "stack"
    assert "1232 bytes" in message
