"""A C++ file with a header comment becomes a task whose oracle is the kernel itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from kernelgepa import tasks
from kernelgepa.errors import InputError
from kernelgepa.task import Task
from kernelgepa.tasks import source
from kernelgepa.tasks.reference import OracleReference

INCLUDES = '#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'
LOOP = "for (int i = 0; i < 96; i++) { out[i] = in[i] + k; }"


def file(tmp_path: Path, comment: str, code: str, name: str = "mine.cc") -> str:
    path = tmp_path / name
    path.write_text(f"{comment}\n{INCLUDES}\n{code}\n")
    return str(path)


def sizes(task: Task) -> dict[str, int]:
    return {name: shape[0] for name, shape in task.workloads[0].shapes.items()}


def test_sizes_and_values_of_the_comment(here, tmp_path: Path):
    comment = """/*
 * Adds k to every element.
 * >>> shift_all([1, 2, 3], 5)
 * [6, 7, 8]
 * in size: 64
 * out size: 64
 * k: -7
 */"""
    code = "void shift_all(int16_t *in, int16_t *out, int16_t k) {\n"
    code += "  for (int i = 0; i < 64; i++) out[i] = in[i] + k;\n}"
    spec = file(tmp_path, comment, code)
    task = tasks.load(spec)
    assert task.name == task.interface.function == "shift_all"
    assert task.shapes == "fixed"
    assert sizes(task) == {"in": 64, "out": 64}
    assert task.workloads[0].scalars == {"k": -7}
    assert [p.role for p in task.interface.parameters] == ["in", "out", "scalar"]
    assert "Adds k to every element." in task.description
    assert isinstance(task.reference, OracleReference)
    generator = np.random.default_rng(1)
    assert task.reference.inputs(task.workloads[0], generator, "recorded") is None
    assert tasks.check(spec, here) == []
    assert "out[i]" not in tasks.load(spec, "stub").seeds["stub"]


def test_values_of_the_example_and_sizes_of_the_loop(tmp_path: Path):
    code = f"void add(uint8_t *in, uint8_t *out, uint8_t k) {{ {LOOP} }}"
    task = tasks.load(file(tmp_path, "// >>> add([1, 2], 9)\n// [10, 11]", code))
    assert sizes(task) == {"in": 96, "out": 96}
    assert task.workloads[0].scalars == {"k": 9}


LOOPS = [
    # code of the body, size of in, size of out
    ("for (int i = 0; i < 64; i++) out[i] = in[i];", 64, 64),
    ("for (int i = 0; i <= 63; ++i) { out[i] = in[63 - i]; }", 64, 64),
    ("constexpr int N = 1 << 7; for (uint32_t i = 0; i < N; i++) out[i] = in[i];", 128, 128),
    ("const int n = 32; for (int i = 0; i < n; i++) out[i] = in[2 * i] + in[2 * i + 1];", 64, 32),
    ("int s = 0; for (int i = 0; i < 50; i++) s += in[i]; *out = s;", 50, 1),
    ("for (int r = 0; r < 4; r++) for (int c = 0; c < 8; c++) out[c * 4 + r] = in[r * 8 + c];",
     32, 32),
    ("for (int i = 0; i < 64; i += 32) aie::store_v(out + i, aie::load_v<32>(in + i));", 64, 64),
    ("for (int i = 0; i < 64; i += 2) out[i / 2] = in[i];", 63, 32),
    ("int rows = ROWS / 2; for (int i = 0; i < rows; i++) out[i] = in[i];", 20, 20),
]  # fmt: skip


@pytest.mark.parametrize(("body", "read", "written"), LOOPS)
def test_sizes_are_read_from_the_loops(tmp_path: Path, body: str, read: int, written: int):
    code = f"#define ROWS 40\nvoid k(int8_t *in, int8_t *out) {{ {body} }}"
    assert sizes(tasks.load(file(tmp_path, "// A kernel.", code))) == {"in": read, "out": written}


OPAQUE = "void k(int8_t *in, int8_t *out) { while (*in) *out++ = *in++; }"


@pytest.mark.parametrize("words", ["N = 48", "vectors of 48 elements", "a 48-element vector"])
def test_the_one_length_the_comment_names(tmp_path: Path, words: str):
    task = tasks.load(file(tmp_path, f"// Copies: {words}.", OPAQUE))
    assert sizes(task) == {"in": 48, "out": 48}


def test_outputs_are_the_buffers_that_are_written(tmp_path: Path):
    code = """void split(int16_t *both, int16_t *even, int16_t *odd) {
      for (int i = 0; i < 32; i++) { even[i] = both[2 * i]; odd[i] = both[2 * i + 1]; } }"""
    task = tasks.load(file(tmp_path, "// Splits.", code))
    assert [p.name for p in task.interface.of_role("out")] == ["even", "odd"]
    assert sizes(task) == {"both": 64, "even": 32, "odd": 32}


def test_ranges_are_those_of_the_comment_or_safe(tmp_path: Path):
    comment = "// Looks up.\n// index range: 0 to 15\n// index size: 64\n// table size: 16"
    code = """void look(int32_t *index, float *table, float *out) {
      for (int i = 0; i < 64; i++) out[i] = table[index[i]]; }"""
    task = tasks.load(file(tmp_path, comment, code))
    inputs = task.reference.inputs(task.workloads[0], np.random.default_rng(1), "fresh")
    assert inputs is not None
    assert 0 <= inputs["index"].min() <= inputs["index"].max() <= 15
    assert np.abs(inputs["table"]).max() <= 4


def test_helpers_are_not_the_kernel(tmp_path: Path):
    helper = "static inline void twice(int8_t *p) { p[0] *= 2; }\n"
    code = f"{helper}void kernel(int8_t *in, int8_t *out, int8_t k) {{ {LOOP} }}"
    assert tasks.load(file(tmp_path, "// k: 3", code)).interface.function == "kernel"


MISTAKES = [
    ("// No code.", "", r"expected a kernel `void name\(T \*in, U \*out, \.\.\.\)`.* found none"),
    ("// Doubles.", "void k(double *in, double *out) {}", r"of known types, found none"),
    ("// Two.", "void a(int8_t *p) {}\nvoid b(int8_t *p) {}", r"expected one kernel, found a, b;"),
    ("// >>> c([1])", "void a(int8_t *p) {}", r"example calls 'c': .*found a$"),
    ("// Copies.", OPAQUE, r"elements of 'in' is not known; add a line `in size: 1024`"),
    ("// in size: many", OPAQUE, r"in size: expected a positive whole number, found 'many'"),
    (f"// in size: {'9' * 5000}", OPAQUE, r"in size: expected a positive whole number"),
    ("// in size: ²", OPAQUE, r"in size: expected a positive whole number, found '²'"),
    ("// k: 1e999", f"void k(int8_t *in, int8_t *out, int8_t k) {{ {LOOP} }}",
     r"k: expected a finite number, found inf"),
    ("// in size: 0", OPAQUE, r"in size: expected a positive whole number, found '0'"),
    ("// in size: 64000\n// out size: 64000", OPAQUE, r"at most 64512 bytes in all, found 128000"),
    ("// Adds.", f"void k(int8_t *in, int8_t *out, int8_t k) {{ {LOOP} }}",
     r"value of 'k' is not known; add a line `k: 3`"),
    ("// k: 300", f"void k(int8_t *in, int8_t *out, int8_t k) {{ {LOOP} }}",
     r"k: expected a value of int8, found 300"),
    ("// in range: 9 to 2\n// N = 8", OPAQUE, r"in range: expected LOW to HIGH, found 9 to 2"),
    ("// Swaps.", "void k(int8_t *a, int8_t *b) { for (int i = 0; i < 8; i++) "
     "{ int8_t t = a[i]; a[i] = b[i]; b[i] = t; } }", r"every buffer of k is written"),
]  # fmt: skip


@pytest.mark.parametrize(("comment", "code", "expected"), MISTAKES)
def test_what_cannot_be_found_is_asked_for(tmp_path: Path, comment: str, code: str, expected: str):
    with pytest.raises(InputError) as raised:
        tasks.load(file(tmp_path, comment, code))
    assert re.search(expected, str(raised.value)), str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_empty_file_and_one_that_is_not_text(tmp_path: Path):
    path = tmp_path / "k.cpp"
    for raw, expected in ((b"", "k.cpp is empty"), (b"\xff\xff", "k.cpp is not UTF-8")):
        path.write_bytes(raw)
        with pytest.raises(InputError, match=expected):
            tasks.load(str(path))


@pytest.mark.parametrize("text", ['\\"', "'\\", "/*", "[", "{", "void k() {", "void k(int a["])
def test_text_that_never_closes_anything_is_read_in_one_pass(text: str):
    repeated = text * (200_000 // len(text))  # a second look from every place would take hours
    assert source.functions(repeated) == []
    assert len(source.blanked(repeated)) == len(repeated)
