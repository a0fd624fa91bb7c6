"""Clang's own vectors and wide integers cost what the core must do for them, not one operation."""

from __future__ import annotations

import pytest

from kernelgepa.npu.model.permute import single_instruction

from .measure import figures, innermost, profile

HEAD = "#include <aie_api/aie.hpp>\n#include <string.h>\n"
THREE = {
    "int8": "a:int8*4096 b:int8*4096 -> c:int8*4096",
    "int32": "a:int32*1024 b:int32*1024 -> c:int32*1024",
    "float": "a:float32*1024 b:float32*1024 -> c:float32*1024",
    "bfloat16": "a:bfloat16*2048 b:bfloat16*2048 -> c:bfloat16*2048",
}
C_NAMES = {"int8": "int8_t", "int32": "int32_t"}


def _elementwise(kind: str, expression: str, lanes: int = 64) -> str:
    name = C_NAMES.get(kind, kind)
    return (
        f"{HEAD}typedef {name} V __attribute__((vector_size({lanes})));\n"
        f"void k({name} *__restrict a, {name} *__restrict b, {name} *__restrict c) {{\n"
        f"  for (int i = 0; i < {4096 // lanes}; i++) {{\n"
        f"    V x = ((V *)a)[i], y = ((V *)b)[i];\n    ((V *)c)[i] = {expression};\n  }}\n}}"
    )


# II of one 512-bit register per iteration: two loads on each port and two stores are 2.
INTERVALS = [
    ("int32", "x + y", 2),
    ("int32", "x * y", 4),  # four VMAC, one VSRS and two stores
    ("int8", "x * y", 4),  # two VMAC, two VSRS and two stores in st
    ("int32", "x << y", 3),  # VUPS in mv; VSRS and two stores in st
    ("int32", "x > y ? x : y", 2),
    ("int32", "(x == y) & y", 3),  # VSUB, VEQZ, VSEL
    ("float", "x + y", 2),
    ("float", "x * y", 15),  # 13 in vec: nine products, four to take the operands apart
    ("bfloat16", "x + y", 4),  # twice VCONV up, VADD, VCONV down: 2 + 2 stores in st
    ("bfloat16", "x * y", 4),
]


@pytest.mark.parametrize(("kind", "expression", "interval"), INTERVALS)
def test_a_native_operation_costs_what_the_headers_need(
    kind: str, expression: str, interval: int
) -> None:
    assert figures(profile(_elementwise(kind, expression), THREE[kind]))["ii"] == interval


def test_registers_are_counted_whatever_the_width_of_the_type() -> None:
    narrow = profile(_elementwise("int32", "x > y ? x : y"), THREE["int32"])
    wide = profile(_elementwise("int32", "x > y ? x : y", 256), THREE["int32"])
    assert figures(wide)["ii"] == 4 * 2
    assert wide.vector_cycles == narrow.vector_cycles


def test_a_division_is_priced_by_its_lanes() -> None:
    found = profile(_elementwise("int8", "x / y"), THREE["int8"])
    assert found.library_calls == {"int_divide": 4096}


def test_vectors_below_128_bits_are_scalars() -> None:
    found = profile(_elementwise("int8", "x + y", 2), THREE["int8"])
    assert found.vector_cycles == 0
    loop = innermost(found)
    assert loop is not None
    assert loop.subword_stores == 1
    assert found.cycles > 2048 * 7  # a read-modify-write each


def test_any_permutation_is_not_one_instruction() -> None:
    source = (
        f"{HEAD}typedef int8_t V __attribute__((vector_size(64)));\n"
        "void k(int8_t *__restrict a, int8_t *__restrict c) {\n  for (int i = 0; i < 64; i++) {\n"
        "    V x = ((V *)a)[i];\n    ((V *)c)[i] = __builtin_shufflevector(x, x, %s);\n  }\n}"
    )
    buffers = "a:int8*4096 -> c:int8*4096"
    mixed = profile(source % ", ".join(str(37 * i % 64) for i in range(64)), buffers)
    turned = profile(source % ", ".join(str((i + 5) % 64) for i in range(64)), buffers)
    assert figures(turned)["ii"] == 2
    assert mixed.cycles > 64 * 2 * 64  # each lane out and in again


@pytest.mark.parametrize(
    ("taken", "single"),
    [
        ((0, 8, 1, 9, 2, 10, 3, 11), True),
        ((4, 12, 5, 13, 6, 14, 7, 15), True),
        ((0, 1, 8, 9, 2, 3, 10, 11), True),
        ((0, 2, 4, 6, 8, 10, 12, 14), True),
        ((1, 3, 5, 7, 9, 11, 13, 15), True),
        ((3, 4, 5, 6, 7, 8, 9, 10), True),
        ((0, 9, 2, 11, 4, 13, 6, 15), True),
        ((5, 5, 5, 5, 5, 5, 5, 5), True),
        ((0, 2, 1, 3, 4, 6, 5, 7), False),
        ((7, 6, 5, 4, 3, 2, 1, 0), False),
        ((0, 1, 2, 3, 4, 5, 7, 6), False),
    ],
)
def test_permutations_of_one_instruction(taken: tuple[int, ...], single: bool) -> None:
    mask = ", ".join(f"i32 {k}" for k in taken)
    text = f"%1 = shufflevector <8 x i32> %a, <8 x i32> %b, <8 x i32> <{mask}>"
    assert single_instruction(text) is single


def _scalar(body: str) -> str:
    return (
        f"{HEAD}void k(int32_t *__restrict a, int32_t *__restrict c) {{\n"
        f"  for (int i = 0; i < 256; i++) {{ {body} }}\n}}"
    )


WIDE = "a:int32*512 -> c:int32*512"
SCALAR = "a:int32*256 -> c:int32*256"


def test_words_of_a_wide_integer_are_loaded_and_stored_one_by_one() -> None:
    found = profile(_scalar("((uint64_t *)c)[i] = ((uint64_t *)a)[i] + 3;"), WIDE)
    assert figures(found)["ii"] == 2
    assert figures(found)["length"] == 1 + 7 + 2 + 1 + 1  # load at 1, ADD at 8, ADC, two stores


def test_products_of_more_than_32_bits_are_calls() -> None:
    body = "c[i] = (int)((unsigned _BitInt(63))(unsigned)a[i] * (unsigned)a[255 - i] >> 31);"
    assert profile(_scalar(body), SCALAR).library_calls == {"int64": 256}


def test_intrinsics_that_no_instruction_does_are_sequences() -> None:
    assert profile(_scalar("c[i] = __builtin_popcount(a[i]);"), SCALAR).cycles >= 256 * 12
    assert profile(_scalar("c[i] = __builtin_clz(a[i] | 1);"), SCALAR).cycles < 256 * 4
    rounded = profile(
        f"{HEAD}void k(float *__restrict a, int32_t *__restrict c) {{\n"
        "  for (int i = 0; i < 256; i++) c[i] = __builtin_lrintf(a[i]);\n}",
        "a:float32*256 -> c:int32*256",
    )
    assert rounded.library_calls == {"float_to_int": 256}


def test_a_word_at_an_odd_address_is_stored_in_pieces() -> None:
    found = profile(
        f"{HEAD}void k(int32_t *__restrict a, int8_t *__restrict c) {{\n"
        "  for (int i = 0; i < 256; i++) memcpy(c + 4 * i, a + i, 4);\n}",
        "a:int32*256 -> c:int8*1024",
    )
    loop = innermost(found)
    assert loop is not None
    assert loop.subword_stores == 4
