"""What a user gets wrong in a task is one sentence that says what to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bad_spec import sentence

from kernelgepa import tasks

RELU = next(i.path for i in tasks.list_tasks() if i.name == "relu_i8")


def folder(tmp_path: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """A copy of a good task with `old` replaced by `new` in one of its files."""
    made = tmp_path / "mine"
    shutil.copytree(RELU, made, ignore=shutil.ignore_patterns("__pycache__"))
    if file:
        text = (made / file).read_text()
        assert old in text
        (made / file).write_text(text.replace(old, new, 1))
    return made


SPECS = [
    ("relu_i9", r"unknown task 'relu_i9'; did you mean relu_i8"),
    ("quicksort", r"unknown task 'quicksort'; `kernelgepa tasks list`"),
    ("", r"expected a task's name, a folder, a C\+\+ file or FILE\.jsonl#kernel_name"),
    ("no/such/folder", r"no/such/folder does not exist"),
    ("nothing.cc", r"nothing\.cc does not exist"),
    ("nothing.jsonl", r"nothing\.jsonl does not exist; expected FILE\.jsonl#kernel_name"),
    ("nothing.jsonl#k", r"nothing\.jsonl does not exist; expected a JSONL file"),
    ("records.jsonl#", r"incomplete: expected FILE\.jsonl#kernel_name"),
    ("#name", r"incomplete: expected FILE\.jsonl#kernel_name"),
]


@pytest.mark.parametrize(("spec", "expected"), SPECS)
def test_a_spec_that_names_nothing(spec: str, expected: str):
    assert re.search(expected, sentence(spec))


HUGE = "9" * 400
EDITS = [
    # file, old text, new text, the sentence
    (
        "task.toml",
        "shapes =",
        "z = " + "[" * 3000 + "]" * 3000 + "\nshapes =",
        r"nested too deeply",
    ),
    (
        "task.toml",
        'dtype = "int8"',
        f'dtype = "int8"\nlow = {HUGE}',
        r"low: expected a finite number",
    ),
    ("task.toml", 'name = "relu_i8"', "name = ", r"task\.toml is not TOML: .*line 1"),
    ("task.toml", 'name = "relu_i8"', "", r"key 'name' is missing"),
    ("task.toml", 'name = "relu_i8"', 'name = "Relu 8"', r"name: expected a name like .* 'Relu 8'"),
    ("task.toml", "summary", "sumary", r"key 'summary' is missing"),
    ("task.toml", "shapes = ", 'colour = "red"\nshapes = ', r"unknown key 'colour'; known are"),
    (
        "task.toml",
        "shapes = ",
        "tolerence = {}\nshapes = ",
        r"unknown key 'tolerence'; did you mean 'tolerance'",
    ),
    (
        "task.toml",
        '"fixed"',
        '"flexible"',
        r"shapes: expected one of fixed, general, found 'flexible'",
    ),
    (
        "task.toml",
        '"npu-sim"',
        '"fpga"',
        r"target: expected one of npu-sim, torch, cuda, triton, found 'fpga'",
    ),
    (
        "task.toml",
        'role = "in"',
        'role = "inout"',
        r"parameter 1: role: expected one of in, out, scalar",
    ),
    ("task.toml", 'role = "out"', 'role = "in"', r"at least one parameter with role = \"out\""),
    (
        "task.toml",
        'dtype = "int8"',
        'dtype = "int4"',
        r"dtype: expected one of int8, .* found 'int4'",
    ),
    (
        "task.toml",
        'dtype = "int8"',
        'dtype = "int8"\nlow = -200',
        r"expected low <= high within int8",
    ),
    ("task.toml", 'dtype = "int8"', 'dtype = "int8"\nlow = 5\nhigh = 4', r"found 5 and 4"),
    (
        "task.toml",
        'dtype = "int8"',
        'dtype = "int8"\nlow = "0"',
        r"low: expected a number, found '0'",
    ),
    ("task.toml", 'dtype = "int8"', 'dtype = "int8"\nlow = nan', r"low: expected a finite number"),
    ("task.toml", 'name = "out"', 'name = "in"', r"name: expected a name of its own, found in"),
    (
        "task.toml",
        'name = "near_zero"',
        'name = "all"',
        r"name: expected a name of its own, found all",
    ),
    ("task.toml", "in = [1024], out", "in = [], out", r"shapes = \"fixed\", but workload"),
    (
        "task.toml",
        "in = [1024], out",
        "in = [-4], out",
        r"shapes\.in: expected a list of .* positive",
    ),
    (
        "task.toml",
        "in = [1024], out",
        'in = ["n"], out',
        r"shapes\.in: expected a list of .* positive",
    ),
    ("task.toml", "in = [1024], out", "in = [1024], x = [1], out", r"unknown key '.*x'"),
    ("task.toml", "in = [1024], out", "out", r"shapes has no entry for parameter 'in'"),
    ("task.toml", "in = [1024], out", "in = [512], out", r"shapes = \"fixed\", but workload"),
    (
        "task.toml",
        "in = [1024], out",
        "in = [70000], out",
        r"at most 64512 bytes in all, found 71024",
    ),
    (
        "task.toml",
        "ranges = { in",
        "ranges = { out",
        r"ranges: expected names of inputs, found out",
    ),
    (
        "task.toml",
        'uses = ["hidden"]',
        'uses = ["hidden", "pareto"]',
        r"uses: expected \[\"hidden\"\] alone",
    ),
    (
        "task.toml",
        'uses = ["hidden"]',
        "uses = []",
        r"uses: expected a list of feedback, pareto, hidden",
    ),
    (
        "task.toml",
        'uses = ["hidden"]',
        "tolerance = { atol = -1 }",
        r"expected atol >= 0 and 0 <= rtol < 1",
    ),
    ("task.toml", 'uses = ["hidden"]', "scalars = { n = 1 }", r"unknown key 'scalars\.n'"),
    (
        "task.toml",
        'function = "relu_i8"',
        'function = "relu"',
        r"expected a function `void relu\(\.\.\.\)`",
    ),
    (
        "task.toml",
        'dtype = "int8"',
        'dtype = "int16"',
        r"declares parameter `int16 \*in`, the kernel has `int8 \*in`",
    ),
    (
        "kernel.cc",
        "int8_t *out)",
        "int8_t *out, int32_t n)",
        r"declares 2 parameters, the kernel has 3",
    ),
    (
        "kernel.cc",
        "int8_t *out)",
        "double *out)",
        r"with pointer and scalar parameters of known types",
    ),
    (
        "reference.py",
        "def reference",
        "def expected",
        r"expected a function reference\(inputs, scalars\)",
    ),
    (
        "reference.py",
        "def reference",
        "def reference(:",
        r"reference\.py does not load: SyntaxError",
    ),
    (
        "reference.py",
        "import numpy as np",
        "import numpie",
        r"does not load: ModuleNotFoundError: .*numpie",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), EDITS)
def test_a_folder_with_one_mistake(tmp_path: Path, file: str, old: str, new: str, expected: str):
    text = sentence(folder(tmp_path, file, old, new))
    assert re.search(expected, text), text


def test_a_folder_without_its_files(tmp_path: Path):
    assert "has no task.toml" in sentence(tmp_path)
    made = folder(tmp_path)
    (made / "reference.py").unlink()
    assert sentence(made).endswith("has task.toml but no reference.py")
    made = folder(tmp_path / "second")
    (made / "kernel.cc").unlink()
    assert sentence(made).endswith("has task.toml but no kernel.cc")


@pytest.mark.parametrize("file", ["task.toml", "kernel.cc", "reference.py"])
def test_files_that_are_empty_or_not_text(tmp_path: Path, file: str):
    made = folder(tmp_path)
    (made / file).write_bytes(b"")
    assert re.search(f"{file} is empty", sentence(made))
    (made / file).write_bytes(b"\xff\xfe\x00")
    assert re.search(f"{file} is not UTF-8", sentence(made))


def test_a_float_input_needs_a_range_or_a_generator(tmp_path: Path):
    made = folder(tmp_path, "task.toml", 'dtype = "int8"', 'dtype = "bfloat16"')
    text = (made / "task.toml").read_text()
    (made / "task.toml").write_text(re.sub(r"ranges = .*", "", text))
    kernel = (made / "kernel.cc").read_text()
    (made / "kernel.cc").write_text(kernel.replace("int8_t *in", "bfloat16 *in"))
    assert "input 'in' needs low and high, or reference.py a function inputs" in sentence(made)


def test_a_scalar_must_be_one_its_type_has(tmp_path: Path):
    axpy = next(i.path for i in tasks.list_tasks() if i.name == "axpy_bf16")
    made = tmp_path / "axpy"
    shutil.copytree(axpy, made)
    text = (made / "task.toml").read_text()
    (made / "task.toml").write_text(text.replace("alpha = 0.375", "alpha = 0.1"))
    assert "expected a value that bfloat16 has, such as 0.099" in sentence(made)


REFERENCES = [
    ('return {"other": 1}', r"expected a value for out 'out', found none"),
    ("return None", r"expected a value for out 'out', found none"),
    (
        'return {"out": inputs["in"][:5]}',
        r"out 'out' has shape \(5,\), workload 'all' says \(1024,\)",
    ),
    (
        'return {"out": inputs["in"] * 2.5}',
        r"out 'out' has values from .* whole ones that int8 holds",
    ),
    ('return {"out": inputs["into"]}', r"reference\(\) failed: KeyError: 'into'"),
    ("raise RuntimeError('no')", r"reference\(\) failed: RuntimeError: no"),
    ("raise Exception('odd')", r"reference\(\) failed: Exception: odd"),
    ("raise SystemExit(0)", r"reference\(\) failed: SystemExit: 0"),  # 0 says "correct"
]


@pytest.mark.parametrize(("body", "expected"), REFERENCES)
def test_a_reference_that_does_not_fit_is_found_by_check(tmp_path: Path, body: str, expected: str):
    made = folder(tmp_path)
    (made / "reference.py").write_text(f"def reference(inputs, scalars):\n    {body}\n")
    found = tasks.check(str(made))
    assert len(found) == 1
    assert re.search(expected, found[0])


GENERATORS = [
    ("return {}", r"expected a value for in 'in', found none"),
    ('return {"in": rng.integers(0, 9, 7)}', r"in 'in' has shape \(7,\)"),
    ('return {"in": rng.integers(0, 999, 1024)}', r"whole ones that int8 holds"),
    ("return 1 / 0", r"inputs\(\) failed: ZeroDivisionError"),
]


@pytest.mark.parametrize(("body", "expected"), GENERATORS)
def test_a_generator_that_does_not_fit_is_found_by_check(tmp_path: Path, body: str, expected: str):
    made = folder(tmp_path)
    with (made / "reference.py").open("a") as file:
        file.write(f"\n\ndef inputs(workload, rng, kind):\n    {body}\n")
    found = tasks.check(str(made))
    assert len(found) == 1
    assert re.search(expected, found[0])


SEEDS = [
    ("in[i] > 0", "in[i] > ", r"the seed does not build: line \d+: "),
    ("in[i] > 0", "in[i] > 1", r"differs from the reference in \d+ of \d+ elements of 'out'"),
    ("i < 1024", "i < 1025", r"the seed traps: "),
    ("i < 1024", "i < 1023", r"the seed traps: "),
]


@pytest.mark.parametrize(("old", "new", "expected"), SEEDS)
def test_a_wrong_seed_is_found_by_check(here, tmp_path: Path, old: str, new: str, expected: str):
    made = folder(tmp_path, "kernel.cc", old, new)
    found = tasks.check(str(made), here)
    assert found
    assert all(re.search(expected, sentence) for sentence in found), found


def test_a_file_that_is_no_task(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    assert "is not a task: expected a folder with task.toml, a C++ file" in sentence(path)
