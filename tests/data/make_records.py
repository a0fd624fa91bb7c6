"""Writes records.jsonl: ten kernels of ours in the format of NPUEval's records.

    python tests/data/make_records.py            # writes tests/data/records.jsonl

The expected values come from numpy in float64 or int64, never from the kernels.
"""

from __future__ import annotations

import json
import re
import textwrap
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

OUT = Path(__file__).with_name("records.jsonl")
BF16 = np.dtype(ml_dtypes.bfloat16)
TYPES = {
    "int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t",
    "uint32": "uint32_t", "bfloat16": "bfloat16", "float32": "float",
}  # fmt: skip
Array = np.ndarray[Any, np.dtype[Any]]
Draw = Callable[[np.random.RandomState], dict[str, Array]]


@dataclass(frozen=True)
class Kernel:
    """One record. `draw` makes the inputs, `compute` the one output, `body` is C++."""

    name: str
    text: str
    draw: Draw
    compute: Callable[..., Array]
    out: tuple[str, str]  # name and dtype
    body: str
    constants: Mapping[str, tuple[str, float]] | None = None  # name -> dtype and value
    tolerance: float | None = None


def _bf16(values: Array) -> Array:
    return values.astype(BF16)


def _wide(values: Array) -> Array:
    return values.astype(np.float64)


KERNELS = (
    Kernel(
        "mirror_int16",
        "Writes the 256 int16 elements of a vector in the opposite order.",
        lambda rng: {"source": rng.randint(-(2**15), 2**15, 256).astype(np.int16)},
        lambda source: source[::-1],
        ("mirrored", "int16"),
        """
        for (int i = 0; i < 256; i++) {
            mirrored[255 - i] = source[i];
        }
        """,
    ),
    Kernel(
        "crossfade_uint8",
        "Mixes two uint8 vectors of 512 elements: (a * weight + b * (256 - weight)) / 256, cut "
        "to a whole number. The weight is a runtime parameter.",
        lambda rng: {n: rng.randint(0, 256, 512).astype(np.uint8) for n in ("a", "b")},
        lambda a, b, weight: (a.astype(int) * weight + b.astype(int) * (256 - weight)) // 256,
        ("mixed", "uint8"),
        """
        for (int i = 0; i < 512; i++) {
            uint32_t left = (uint32_t)a[i] * weight;
            uint32_t right = (uint32_t)b[i] * (256 - weight);
            mixed[i] = (uint8_t)((left + right) >> 8);
        }
        """,
        {"weight": ("uint8", 77)},
    ),
    Kernel(
        "soft_shrink_bfloat16",
        "Moves each of 256 bfloat16 elements towards zero by the runtime parameter width; elements "
        "closer to zero than that become zero.",
        lambda rng: {"x": _bf16(rng.normal(size=256) * 3)},
        lambda x, width: np.sign(_wide(x)) * np.maximum(np.abs(_wide(x)) - width, 0),
        ("y", "bfloat16"),
        """
        float step = (float)width;
        for (int i = 0; i < 256; i++) {
            float value = (float)x[i];
            float moved = 0.0f;
            if (value > step) {
                moved = value - step;
            } else if (value < -step) {
                moved = value + step;
            }
            y[i] = (bfloat16)moved;
        }
        """,
        {"width": ("bfloat16", 0.625)},
        0.02,
    ),
    Kernel(
        "midrange_float32",
        "Half the sum of the least and the greatest of 128 float32 elements, as one element.",
        lambda rng: {"samples": (rng.normal(size=128) * 10).astype(np.float32)},
        lambda samples: np.array([(_wide(samples).min() + _wide(samples).max()) / 2]),
        ("middle", "float32"),
        """
        float least = samples[0];
        float most = samples[0];
        for (int i = 1; i < 128; i++) {
            least = samples[i] < least ? samples[i] : least;
            most = samples[i] > most ? samples[i] : most;
        }
        middle[0] = (least + most) * 0.5f;
        """,
    ),
    Kernel(
        "xor_fold_int32",
        "Folds 256 int32 elements into one with exclusive or.",
        lambda rng: {"words": rng.randint(-(2**31), 2**31, 256).astype(np.int32)},
        lambda words: np.bitwise_xor.reduce(words),
        ("folded", "int32"),
        """
        int32_t bits = 0;
        for (int i = 0; i < 256; i++) {
            bits ^= words[i];
        }
        *folded = bits;
        """,
    ),
    Kernel(
        "differences_int8",
        "Keeps the first of 512 int8 elements and replaces each other by its difference to the one "
        "before; differences wrap around.",
        lambda rng: {"series": rng.randint(-128, 128, 512).astype(np.int8)},
        lambda series: np.diff(series, prepend=np.int8(0)),
        ("steps", "int8"),
        """
        int8_t before = 0;
        for (int i = 0; i < 512; i++) {
            steps[i] = (int8_t)(series[i] - before);
            before = series[i];
        }
        """,
    ),
    Kernel(
        "pair_means_int16",
        "Halves a vector of 512 int16 elements: each output is the mean of two neighbours, rounded "
        "towards negative infinity.",
        lambda rng: {"fine": rng.randint(-20000, 20001, 512).astype(np.int16)},
        lambda fine: (fine[::2].astype(int) + fine[1::2]) // 2,
        ("coarse", "int16"),
        """
        for (int i = 0; i < 256; i++) {
            int32_t sum = (int32_t)fine[2 * i] + (int32_t)fine[2 * i + 1];
            coarse[i] = (int16_t)(sum >> 1);
        }
        """,
    ),
    Kernel(
        "outer_int8",
        "Every product of an element of a column of 16 int8 and one of a row of 32 int8, as a "
        "matrix of int32 in row-major order.",
        lambda rng: {
            "column": rng.randint(-128, 128, 16).astype(np.int8),
            "row": rng.randint(-128, 128, 32).astype(np.int8),
        },
        lambda column, row: np.outer(column.astype(int), row),
        ("products", "int32"),
        """
        for (int r = 0; r < 16; r++) {
            for (int c = 0; c < 32; c++) {
                products[r * 32 + c] = (int32_t)column[r] * (int32_t)row[c];
            }
        }
        """,
    ),
    Kernel(
        "affine_float32",
        "Multiplies 256 float32 elements by a runtime parameter and adds a second one.",
        lambda rng: {"x": rng.uniform(0.5, 20, 256).astype(np.float32)},
        lambda x, slope, offset: _wide(x) * slope + offset,
        ("y", "float32"),
        """
        for (int i = 0; i < 256; i++) {
            y[i] = x[i] * slope + offset;
        }
        """,
        {"slope": ("float32", -1.5), "offset": ("float32", 40.25)},
    ),
    Kernel(
        "row_means_bfloat16",
        "The mean of each row of a matrix of 16 by 32 bfloat16 elements, as 16 float32 elements.",
        lambda rng: {"matrix": _bf16(rng.normal(size=(16, 32)) * 2)},
        lambda matrix: _wide(matrix).mean(axis=1),
        ("means", "float32"),
        """
        for (int r = 0; r < 16; r++) {
            float sum = 0.0f;
            for (int c = 0; c < 32; c++) {
                sum += (float)matrix[r * 32 + c];
            }
            means[r] = sum * (1.0f / 32.0f);
        }
        """,
        None,
        0.03,
    ),
)


def records() -> list[dict[str, Any]]:
    """All records, always the same."""
    return [record(kernel) for kernel in KERNELS]


def record(kernel: Kernel) -> dict[str, Any]:
    """One record with the keys, and the order of keys, that NPUEval uses."""
    rng = np.random.RandomState(zlib.crc32(kernel.name.encode()))  # its streams never change
    inputs = kernel.draw(rng)
    constants = dict(kernel.constants or {})
    output = _output(kernel, inputs)
    name, kind = kernel.out
    vectors: dict[str, Any] = {
        "inputs": [{n: a.tolist(), "dtype": str(a.dtype)} for n, a in inputs.items()],
        "outputs": [{name: output.tolist(), "dtype": kind}],
    }
    if constants:
        vectors["rtps"] = [{n: value, "dtype": kind} for n, (kind, value) in constants.items()]
    made = {
        "kernel_name": kernel.name,
        "prompt": _prompt(kernel, inputs, output),
        "canonical_solution": textwrap.indent(textwrap.dedent(kernel.body).strip(), "    ") + "\n}",
        "program_code": _program(kernel, inputs),
        "test_vectors": vectors,
    }
    if kernel.tolerance is not None:
        made["tolerances"] = {"atol": kernel.tolerance, "rtol": kernel.tolerance}
    return made


def _output(kernel: Kernel, inputs: Mapping[str, Array]) -> Array:
    constants = {n: value for n, (_, value) in (kernel.constants or {}).items()}
    kind = BF16 if kernel.out[1] == "bfloat16" else np.dtype(kernel.out[1])
    return np.asarray(kernel.compute(**inputs, **constants)).astype(kind)


def _parameters(kernel: Kernel, inputs: Mapping[str, Array]) -> str:
    buffers = [f"{TYPES[str(a.dtype)]} *{n}" for n, a in inputs.items()]
    buffers.append(f"{TYPES[kernel.out[1]]} *{kernel.out[0]}")
    scalars = [f"{TYPES[kind]} {n}" for n, (kind, _) in (kernel.constants or {}).items()]
    return ", ".join(buffers + scalars)


def _prompt(kernel: Kernel, inputs: Mapping[str, Array], output: Array) -> str:
    shown = [_short(a) for a in inputs.values()]
    constants = {n: value for n, (_, value) in (kernel.constants or {}).items()}
    shown += [str(value) for value in constants.values()]
    sizes = [f"{n} size: {a.size}" for n, a in inputs.items()]
    sizes.append(f"{kernel.out[0]} size: {output.size}")
    sizes += [f"{n}: {value}" for n, value in constants.items()]
    lines = [
        "/*",
        *textwrap.wrap(kernel.text, 96),
        f">>> {kernel.name}({', '.join(shown)})",
        _short(output),
        "Sizes of the buffers and values of the parameters this kernel is called with:",
        *sizes,
        "*/",
        "#include <aie_api/aie.hpp>",
        '#include "aie_kernel_utils.h"',
        "",
        f"void {kernel.name}({_parameters(kernel, inputs)}) {{",
        "    // Implementation goes here",
        "}",
        "",
    ]
    return "\n".join(lines)


def _short(values: Array) -> str:
    """The first elements, as an example shows them."""
    listed = values.reshape(-1)[:4].tolist()
    text = ", ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in listed)
    return f"[{text}, ...]" if values.size > 4 else f"[{text}]"


def _program(kernel: Kernel, inputs: Mapping[str, Array]) -> str:
    parameters = _parameters(kernel, inputs)
    names = ", ".join(re.findall(r"(\w+)(?:,|$)", parameters))
    return "\n".join(
        [
            'extern "C" {',
            f"    void {kernel.name}_wrapper({parameters}) {{",
            "        ::aie::set_rounding(aie::rounding_mode::positive_inf);",
            "        event0();",
            f"        {kernel.name}({names});",
            "        event1();",
            "    }",
            "}",
            "",
        ]
    )


def text() -> str:
    """The file's content."""
    return "".join(json.dumps(r) + "\n" for r in records())


if __name__ == "__main__":
    OUT.write_text(text(), encoding="utf-8")
