"""Kernels as people write them: each compiles, runs, and computes what the model says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from .cases import CASES as OURS
from .cases import KernelCase
from .machine import Array, assert_same, execute, numpy_type, results
from .public import PUBLIC
from .tables import TABLES

KERNELS = Path(__file__).parent / "kernels"
SEEDS = 3
CASES = OURS | PUBLIC | TABLES

# Every name that AIE kernels use (section 2 of the API facts, MUST), as written in a kernel.
MUST = [
    "vector",
    "get",
    "set",
    "size",
    "push",
    "extract",
    "insert",
    "grow",
    "cast_to",
    "pack",
    "unpack",
    "accum",
    "from_vector",
    "to_vector",
    "mask",
    "load_v",
    "store_v",
    "load_unaligned_v",
    "store_unaligned_v",
    "begin_vector",
    "cbegin_vector",
    "begin_restrict_vector",
    "zeros",
    "broadcast",
    "concat",
    "add",
    "sub",
    "mul",
    "mac",
    "msc",
    "negmul",
    "mul_square",
    "mac_square",
    "max",
    "min",
    "maxdiff",
    "abs",
    "neg",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "neq",
    "select",
    "clamp",
    "saturating_add",
    "saturating_sub",
    "div",
    "reduce_add",
    "reduce_max",
    "reduce_min",
    "reduce_add_v",
    "reduce_max_v",
    "reduce_min_v",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bit_not",
    "upshift",
    "downshift",
    "logical_downshift",
    "shuffle_up",
    "shuffle_down",
    "shuffle_up_fill",
    "shuffle_down_fill",
    "shuffle_up_rotate",
    "shuffle_down_rotate",
    "shuffle_up_replicate",
    "shuffle_down_replicate",
    "reverse",
    "interleave_zip",
    "interleave_unzip",
    "filter_even",
    "filter_odd",
    "transpose",
    "mmul",
    "to_float",
    "to_fixed",
    "inv",
    "invsqrt",
    "set_rounding",
    "set_saturation",
    "event0",
    "event1",
    "AIE_PREPARE_FOR_PIPELINING",
    "AIE_LOOP_UNROLL",
    "AIE_LOOP_UNROLL_FULL",
    "AIE_LOOP_NO_UNROLL",
    "AIE_LOOP_MIN_ITERATION_COUNT",
    "AIE_LOOP_MAX_ITERATION_COUNT",
    "AIE_LOOP_RANGE",
    "AIE_LOOP_FLATTEN",
    "AIE_TRY_INITIATION_INTERVAL",
    "chess_prepare_for_pipelining",
    "chess_loop_range",
    "chess_loop_count",
    "chess_unroll_loop",
    "chess_flatten_loop",
    "chess_copy",
    "chess_separator",
]


def source(name: str) -> str:
    return (KERNELS / f"{name}.cc").read_text(encoding="utf-8")


def without_comments(text: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)


def compare(got: Array, want: Array, case: KernelCase, what: str) -> None:
    if case.relative == 0:
        assert_same(got, np.asarray(want).astype(got.dtype), what)
        return
    near = np.allclose(
        got.astype(np.float64), want, rtol=case.relative, atol=case.relative * np.abs(want).max()
    )
    assert near, (what, got, want)


@pytest.mark.parametrize("name", sorted(CASES))
def test_kernel_computes_what_the_model_says(name: str):
    case = CASES[name]
    inputs = [case.values(seed) for seed in range(SEEDS)]
    scalars = [{n: v[seed] for n, (_, v) in case.scalars.items()} for seed in range(SEEDS)]
    types = {n: t for n, (t, _) in case.scalars.items()}
    done = execute(source(name), name, inputs, case.outputs, scalars, types)
    for seed, got in enumerate(results(done, case.outputs)):
        given = inputs[seed] | {
            n: np.asarray(v).astype(numpy_type(types[n])) for n, v in scalars[seed].items()
        }
        want = case.expected(given)
        assert set(want) == set(got)
        for output, values in want.items():
            compare(got[output], np.asarray(values), case, f"{output}, inputs {seed}")


def test_every_kernel_has_a_case_and_there_are_a_hundred():
    files = {p.stem for p in KERNELS.glob("*.cc")}
    assert files == set(CASES)
    assert len(files) >= 100


@pytest.mark.parametrize("symbol", MUST)
def test_every_name_of_the_api_is_used_by_a_kernel(symbol: str):
    pattern = re.compile(rf"\b{symbol}\b")
    users = [
        p.stem for p in KERNELS.glob("*.cc") if pattern.search(without_comments(source(p.stem)))
    ]
    assert users


def test_operators_need_no_using_directive():
    binary = ["+", "-", "*", "&", "|", "^", "<", "<=", ">", ">=", "==", "!="]
    expressions = [f"x {o} y" for o in binary] + ["~x", "-x", "x << 1", "x >> 1"]
    sizes = " + ".join(f"({e}).size()" for e in expressions)
    body = f"""#include <aie_api/aie.hpp>
void k(int16_t *__restrict in, int32_t *__restrict out) {{
  aie::vector<int16, 16> x = aie::load_v<16>(in), y = aie::load_v<16>(in + 16);
  out[0] = {sizes};
}}"""
    done = execute(body, "k", [{"in": np.arange(32, dtype=np.int16)}], {"out": ("int32", 1)})
    assert results(done, {"out": ("int32", 1)})[0]["out"][0] == 16 * len(expressions)
