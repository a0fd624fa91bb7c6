"""What the model trusts and what it counts: restrict, block copies, constants, scalar tests."""

from __future__ import annotations

from .measure import figures, innermost, profile

HEAD = "#include <aie_api/aie.hpp>\n#include <string.h>\n"
BODY = "for (int i = 0; i < 256; i++) c[i] = a[i] + 1;"
BUFFERS = "a:int32*256 -> c:int32*256"


def test_restrict_of_a_function_that_is_not_inlined_is_not_trusted() -> None:
    # nothing checks it at run time, so the load waits for the store: 7+1+1
    found = profile(
        f"{HEAD}__attribute__((noinline)) void f(int32_t *__restrict a, int32_t *__restrict c) "
        f"{{ {BODY} }}\nvoid k(int32_t *a, int32_t *c) {{ f(a, c); }}",
        BUFFERS,
    )
    assert figures(found)["ii"] is None
    assert figures(found)["length"] == 9


def test_restrict_of_a_large_kernel_is_kept() -> None:
    lines = "\n".join(
        f"    aie::store_v(c + i + {16 * j}, aie::add(aie::load_v<16>(a + i + {16 * j}), "
        f"aie::load_v<16>(b + i + {16 * j})));"
        for j in range(8)
    )
    found = profile(
        f"{HEAD}void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {{\n"
        f"  for (int i = 0; i < 1024; i += 128) {{\n{lines}\n  }}\n}}",
        "a:bfloat16*1024 b:bfloat16*1024 -> c:bfloat16*1024",
    )
    assert figures(found)["ii"] == 16  # 16 loading conversions in lda, 8 stores


def test_a_copy_of_a_size_known_at_run_time_is_priced_by_its_bytes() -> None:
    source = HEAD + (
        "void k(int8_t *__restrict a, int8_t *__restrict c, int32_t n) { memcpy(c, a, n); }"
    )
    fixed = source.replace("a, n)", "a, 1024)")
    short = profile(source, "a:int8*1024 -> c:int8*64 n:int32=64")
    long = profile(source, "a:int8*1024 -> c:int8*1024 n:int32=1024")
    constant = profile(fixed, "a:int8*1024 -> c:int8*1024 n:int32=1")
    assert (short.bytes_stored, long.bytes_stored) == (64, 1024)
    assert long.cycles - short.cycles == 2 * (1024 - 64) * 8 // 256
    assert (long.cycles, long.bytes_loaded) == (constant.cycles, constant.bytes_loaded)


def test_a_comparison_of_what_was_loaded_costs_a_cycle_unless_with_zero() -> None:
    def loop(test: str) -> int | None:
        found = profile(
            f"{HEAD}void k(int32_t *__restrict a, int32_t *__restrict c) {{\n"
            f"  int i = 0;\n  while (a[i] {test}) {{ c[i] = 2; i++; }}\n}}",
            "a:int32*256=0 -> c:int32*255",
        )
        return figures(found)["length"]

    assert loop("!= 0") == 13  # there at 7, jump and delay slots 6
    assert loop("> 0") == 14


def test_a_wide_load_is_waited_for_as_a_whole() -> None:
    # 4 loads of 256 bits on two ports: the second pair arrives at 1+7
    found = profile(
        f"{HEAD}void k(int16_t *__restrict a, int16_t *__restrict c) {{\n"
        "  aie::store_v(c, aie::add(aie::load_v<32>(a), aie::load_v<32>(a + 32)));\n}",
        "a:int16*64 -> c:int16*32",
    )
    assert innermost(found) is None
    assert found.cycles == 8 + 2 + 2  # addition at 8, stores at 10 and 11


def test_a_loop_entered_often_pays_its_set_up_each_time() -> None:
    source = (
        f"{HEAD}void k(int32_t *a, int32_t *c, int32_t rows, int32_t columns) {{\n"
        "  for (int r = 0; r < rows; r++)\n"
        "    for (int i = 0; i < columns; i++) c[64 * r + i] = a[64 * r + i] + 1;\n}"
    )
    found = profile(source, "a:int32*256 -> c:int32*256 rows:int32=4 columns:int32=64")
    loop = innermost(found)
    assert loop is not None
    assert (loop.trips, loop.entries, loop.cycles) == (256, 4, 256 * 9 + 4 * 5)
