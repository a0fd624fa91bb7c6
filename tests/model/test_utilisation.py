"""Modelled vector utilisation: cycles that issue a live vector operation written as such."""

from __future__ import annotations

import pytest

from .measure import measured, profile

BUFFERS = "a:int16*1024 -> c:int16*1024"


def _kernel(body: str) -> str:
    return (
        "#include <aie_api/aie.hpp>\n"
        "void k(int16_t *__restrict a, int16_t *__restrict c) {\n"
        f"  for (int i = 0; i < 1024; i += 16) {{\n{body}\n  }}\n}}\n"
    )


def test_a_scalar_kernel_has_none() -> None:
    for name in ("scalar_int32", "scalar_int8", "multiply_float", "add_float", "divide_int32"):
        assert measured(name).vector_cycles == 0, name
        assert measured(name).utilisation == 0, name


def test_loads_stores_and_moves_are_not_counted() -> None:
    copied = profile(_kernel("aie::store_v(c + i, aie::load_v<16>(a + i));"), BUFFERS)
    assert copied.vector_cycles == 0
    # VBCST alone: a move
    filled = profile(_kernel("aie::store_v(c + i, aie::broadcast<int16_t, 16>(a[i]));"), BUFFERS)
    assert filled.vector_cycles == 0


def test_one_operation_an_iteration_by_hand() -> None:
    found = measured("one_load")  # 64 additions in 63*1+10 cycles
    assert (found.vector_cycles, found.cycles) == (64, 73)
    assert found.utilisation == round(64 / 73, 6)


def test_two_slots_in_one_cycle_count_once_by_hand() -> None:
    # 2 loads, VMUL and VST.SRS: one cycle of two (II 2) issues VMUL; stores do not count
    found = measured("multiply_srs_fused")
    assert (found.vector_cycles, found.cycles) == (32, 77)
    # II 3: VMUL at 8 and the addition at 17 are the same cycle mod 3
    found = measured("srs_in_register")
    assert (found.vector_cycles, found.cycles) == (32, 115)


BY_HAND = [
    ("move_bound", 64 * 4, 272),  # 4 operations in mv
    ("compare_select", 32 * 2, 77),  # VLT and VSEL; 4 loads and 2 stores do not count
    ("mask_chain", 64 * 4, 267),
    ("bf16_add", 64, 139),  # VADD.f; not VLDA.CONV or VST.CONV
    ("mac_bf16_four_chains", 16 * 4, 87),  # each in a cycle of its own, not the VST.CONV
    ("matmul_int8_one_chain", 16, 49),  # VMAC; not the VCLR before, which moves nothing but zeros
    ("sum_and_reduce", 32 + 7, 62),  # adds; 3 shifts, 2 adds, VMUL, VMAC; not VBCST, VSRS, VEXTRACT
    ("two_conversions_of_loads", 64, 139),  # VADD.f
    ("shift_and_round", 64, 143),  # the add in mv; VSRS is in st
    ("add_float", 0, 528),  # a scalar addition that is lowered to the vector unit
    ("unaligned", 0, 71),  # the shift only moves
]


@pytest.mark.parametrize(("name", "busy", "cycles"), BY_HAND)
def test_modelled_utilisation_by_hand(name: str, busy: int, cycles: int) -> None:
    found = measured(name)
    assert (found.vector_cycles, found.cycles) == (busy, cycles)
    assert found.utilisation == round(busy / cycles, 6)


def test_dead_operations_gain_nothing() -> None:
    plain = "    auto x = aie::load_v<16>(a + i);\n    aie::store_v(c + i, aie::add(x, x));"
    dead = plain + "\n    auto y = aie::mul(x, x);\n    y = aie::mac(y, x, x);\n    aie::max(x, x);"
    assert profile(_kernel(dead), BUFFERS) == profile(_kernel(plain), BUFFERS)
