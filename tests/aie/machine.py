"""Runs a kernel on the simulated core with numpy arrays in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface, Parameter

from .model import BF16

Array = np.ndarray[Any, Any]
HEADER = '#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'
C_TYPES = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t",
    "int32": "int32_t", "uint32": "uint32_t", "bfloat16": "bfloat16", "float32": "float",
}  # fmt: skip


def numpy_type(dtype: str) -> np.dtype[Any]:
    return BF16 if dtype == "bfloat16" else np.dtype(dtype)


def execute(
    source: str,
    function: str,
    inputs: Sequence[Mapping[str, Array]],
    outputs: Mapping[str, tuple[str, int]],
    scalars: Sequence[Mapping[str, int | float]] = (),
    scalar_types: Mapping[str, str] | None = None,
) -> Execution:
    """Parameters in order: inputs, outputs, scalars. One case for each element of `inputs`."""
    types = scalar_types or {}
    parameters = (
        *(Parameter(n, "in", str(v.dtype)) for n, v in inputs[0].items()),
        *(Parameter(n, "out", t) for n, (t, _) in outputs.items()),
        *(Parameter(n, "scalar", t) for n, t in types.items()),
    )
    sizes = {n: numpy_type(t).itemsize * count for n, (t, count) in outputs.items()}
    cases = [
        Case(str(i), {n: v.tobytes() for n, v in given.items()}, sizes, values)
        for i, (given, values) in enumerate(zip(inputs, scalars or [{}] * len(inputs), strict=True))
    ]
    return execute_here(source, Interface(function, parameters), cases)


def results(done: Execution, outputs: Mapping[str, tuple[str, int]]) -> list[dict[str, Array]]:
    """Outputs of every case; an error of the compiler or a trap fails the test."""
    assert done.cases, [(d.line, d.message) for d in done.diagnostics][:8]
    found = []
    for case in done.cases:
        assert not case.diagnostics, [(d.line, d.message) for d in case.diagnostics]
        found.append(
            {n: np.frombuffer(case.outputs[n], numpy_type(t)) for n, (t, _) in outputs.items()}
        )
    return found


def call(
    body: str,
    inputs: Sequence[Mapping[str, Array]],
    outputs: Mapping[str, tuple[str, int]],
    scalars: Sequence[Mapping[str, int | float]] = (),
    before: str = "",
) -> list[dict[str, Array]]:
    """Runs `void k(inputs, outputs, int32_t scalars...) { body }` once per case."""
    names = list(scalars[0]) if scalars else []
    declared = [f"{C_TYPES[str(v.dtype)]} *__restrict {n}" for n, v in inputs[0].items()]
    declared += [f"{C_TYPES[t]} *__restrict {n}" for n, (t, _) in outputs.items()]
    declared += [f"int32_t {n}" for n in names]
    source = f"{HEADER}{before}\nvoid k({', '.join(declared)}) {{\n{body}\n}}\n"
    types = dict.fromkeys(names, "int32")
    return results(execute(source, "k", inputs, outputs, scalars, types), outputs)


def same_bits(got: Array, want: Array) -> bool:
    """Equal bits; a NaN equals every NaN."""
    if got.dtype != want.dtype or got.shape != want.shape:
        return False
    if got.dtype.kind in "iu":
        return bool(np.array_equal(got, want))
    nan = np.isnan(got.astype(np.float32))
    if not np.array_equal(nan, np.isnan(want.astype(np.float32))):
        return False
    return got[~nan].tobytes() == want[~nan].tobytes()


def assert_same(got: Array, want: Array, what: str = "") -> None:
    want = np.asarray(want).ravel()
    if same_bits(got, want):
        return
    assert got.dtype == want.dtype, (what, got.dtype, want.dtype)
    assert got.shape == want.shape, (what, got.shape, want.shape)
    wrong = np.flatnonzero(
        [not same_bits(got[i : i + 1], want[i : i + 1]) for i in range(len(got))]
    )
    first = wrong[:8]
    raise AssertionError(
        f"{what}: {len(wrong)} lanes differ, {first}: {got[first]} != {want[first]}"
    )


# --- inputs ------------------------------------------------------------------------------------
def edge_integers(dtype: str, count: int, seed: int = 0) -> Array:
    """Random values of the whole range, with the extremes and small values among them."""
    info = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    v = rng.integers(info.min, info.max, count, dtype=dtype, endpoint=True)
    edges = [info.min, info.min + 1, info.max, info.max - 1, 0, 1, 2, 3, 127, 100, 64, 5]
    if info.min < 0:
        edges += [-1, -2, -3, -127, -128, -64, -5]
    where = rng.permutation(count)[: len(edges)]
    v[where] = np.array(edges, np.int64).astype(dtype)[: len(where)]
    return v


def edge_floats(dtype: str, count: int, seed: int = 0, special: bool = True) -> Array:
    """Normal values of many magnitudes; with `special` also zeros, infinities, NaN, subnormals."""
    rng = np.random.default_rng(seed)
    v = (rng.normal(size=count) * 2.0 ** rng.integers(-12, 12, count)).astype(np.float32)
    if special:
        edges = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 3.3895314e38, -3.3895314e38,
                 1.1754944e-38, 1.0, -1.0, 0.5, 2.0]  # fmt: skip
        where = rng.permutation(count)[: len(edges)]
        v[where] = np.array(edges, np.float32)[: len(where)]
    return v.astype(numpy_type(dtype))
