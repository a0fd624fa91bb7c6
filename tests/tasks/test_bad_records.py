"""What a user gets wrong in records of NPUEval is one sentence that says what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bad_spec import sentence

from kernelgepa import tasks

GOOD = {
    "kernel_name": "k",
    "prompt": "/* Copies. */\nvoid k(int8_t *a, int8_t *b) {\n}\n",
    "canonical_solution": "b[0] = a[0];\n}",
    "test_vectors": {
        "inputs": [{"a": [1], "dtype": "int8"}],
        "outputs": [{"b": [1], "dtype": "int8"}],
    },
}
OUT = [{"b": [1], "dtype": "int8"}]


def read(values: object, dtype: object = "int8") -> dict[str, object]:
    return {"inputs": [{"a": values, "dtype": dtype}], "outputs": OUT}


VECTORS = [
    ({"inputs": [], "outputs": []}, r"expected a list of inputs, found none"),
    ([], r"expected a list of inputs, found none"),
    ({"inputs": OUT}, r"expected a list of outputs"),
    (read([300]), r"int8 does not hold"),
    (read(["x"]), r"are not numbers"),
    (read([1, [2]]), r"are not numbers of a shape"),
    (read([]), r"'a' has no values"),
    (read([1], "int9"), r"dtype 'int9'"),
    (read([1], "int16"), r"has `int8 \*a`, the record's vector 'a' is int16"),
    (read([0] * 65000), r"at most 64512 bytes"),
    ({"inputs": OUT * 2, "outputs": OUT}, r"takes 2 buffers and 0 scalars, the record has 3"),
    ({"inputs": ["a"], "outputs": OUT}, r"expected an object with one name"),
    (read([float("nan")]), r"int8 does not hold"),
    (read([1.5]), r"int8 does not hold"),
    (read(["1"]), r"are not numbers"),
    (read([None]), r"are not numbers"),
    (read({"x": 1}), r"are not numbers"),
    (read(10**400), r"are not numbers"),
    (read([float("nan")], "float32"), r"'a' has values that are not finite"),
    (read([float("-inf")], "bfloat16"), r"'a' has values that are not finite"),
    (read([1e300], "float32"), r"'a' has values that are not finite"),
    (read([1], "int64"), r"dtype 'int64'"),
    (read([True], "bool"), r"dtype 'bool'"),
    (read([1], ["int8"]), r"dtype \['int8'\]"),
]
PARAMETERS = [
    ([1, 2], "int32", "int32_t", r"'n' has 2 values, expected one"),
    ([], "int32", "int32_t", r"'n' has no values"),
    (1.5, "float32", "int32_t", r"'n': expected a value that int32 holds, found 1\.5"),
    (300, "int32", "int8_t", r"'n': expected a value that int8 holds, found 300"),
    (float("nan"), "float32", "float", r"'n' has values that are not finite"),
]


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(x if isinstance(x, str) else json.dumps(x) + "\n" for x in lines))
    return path


@pytest.mark.parametrize(("vectors", "expected"), VECTORS)
def test_a_record_with_bad_vectors(tmp_path: Path, vectors: object, expected: str):
    path = written(tmp_path, {**GOOD, "test_vectors": vectors})
    assert re.search(expected, sentence(f"{path}#k"))


@pytest.mark.parametrize(("value", "dtype", "kind", "expected"), PARAMETERS)
def test_a_record_with_a_bad_runtime_parameter(
    tmp_path: Path, value: object, dtype: str, kind: str, expected: str
):
    vectors = {**read([1]), "rtps": [{"n": value, "dtype": dtype}]}
    prompt = f"void k(int8_t *a, int8_t *b, {kind} n) {{\n}}\n"
    path = written(tmp_path, {**GOOD, "prompt": prompt, "test_vectors": vectors})
    assert re.search(expected, sentence(f"{path}#k"))


def test_odd_forms_of_a_file_of_records(tmp_path: Path):
    other = {**GOOD, "kernel_name": "j", "prompt": str(GOOD["prompt"]).replace(" k(", " j(")}
    path = written(tmp_path, GOOD, other)
    text = path.read_text()
    for form in ("\ufeff" + text, text.replace("\n", "\r\n"), "\n\n" + text + "\n", text.strip()):
        path.write_bytes(form.encode())
        assert tasks.load(f"{path}#j").interface.function == "j"
    path = written(tmp_path, GOOD, other, GOOD)
    assert tasks.load(f"{path}#j").interface.function == "j"
    assert re.search(r"has 2 records named 'k', expected one", sentence(f"{path}#k"))
    path.write_text("[" + text.replace("\n", ",", 1).strip() + "]")
    assert re.search(r"line 1: expected an NPUEval record", sentence(f"{path}#k"))
    path.write_text(json.dumps(GOOD, indent=1))
    assert re.search(r"line 1: expected a JSON record", sentence(f"{path}#k"))
    path = written(tmp_path, {**GOOD, "canonical_solution": "\ud800"})
    assert re.search(r"canonical_solution: has half a character", sentence(f"{path}#k"))
    path = written(tmp_path, {**GOOD, "tolerances": {"atol": True}})
    assert re.search(r"tolerances: expected atol of 0 or more, found True", sentence(f"{path}#k"))


CANONICAL = [
    # canonical body, recorded output, the sentence
    ("b[0] = q;\n}", [1], r"the canonical kernel cannot be built: use of undeclared"),
    ("b[0] = 7;\n}", [1], r"does not reproduce the recorded output 'b' \(0 of 1 elements match\)"),
    ("", [1], r"the canonical kernel does not run on its recorded input: 1 bytes of b"),
    ("b[0] = a[0];\n}", [1, 1], r"does not run on its recorded input: 1 bytes of b"),
    ("b[9] = a[0];\n}", [1], r"does not run on its recorded input: a store outside"),
    (
        "volatile int go = 1; while (go) {}\n}",
        [1],
        r"does not run on its recorded input: the kernel did not",
    ),
]


@pytest.mark.parametrize(("body", "output", "expected"), CANONICAL)
def test_a_canonical_kernel_that_is_none(
    here, tmp_path: Path, body: str, output: list[int], expected: str
):
    vectors = {"inputs": [{"a": [1], "dtype": "int8"}], "outputs": [{"b": output, "dtype": "int8"}]}
    prompt = "#include <aie_api/aie.hpp>\n" + str(GOOD["prompt"])
    record = {**GOOD, "prompt": prompt, "canonical_solution": body, "test_vectors": vectors}
    path = written(tmp_path, record)
    found = tasks.check(f"{path}#k", here)
    assert len(found) == 1
    assert re.search(expected, found[0]), found


def test_files_of_records_with_mistakes(tmp_path: Path):
    path = written(tmp_path, GOOD)
    assert tasks.load(f"{path}#k").interface.function == "k"
    assert re.search(r"holds 1 records: say which, as in .*some\.jsonl#k", sentence(path))
    assert re.search(r"no record 'kk' among 1; did you mean k\?|it has k", sentence(f"{path}#kk"))
    path = written(tmp_path, GOOD, "{not json\n")
    assert re.search(r"some\.jsonl line 2: expected a JSON record", sentence(f"{path}#k"))
    path = written(tmp_path, {"prompt": ""})
    assert re.search(r"line 1: .* key 'kernel_name' is missing", sentence(f"{path}#k"))
    path = written(tmp_path, {**GOOD, "prompt": 3})
    assert re.search(r"line 1: prompt: expected a text", sentence(f"{path}#k"))
    path = written(tmp_path, {**GOOD, "tolerances": {"atol": "x"}})
    assert re.search(r"tolerances: expected atol of 0 or more, found 'x'", sentence(f"{path}#k"))
    path = written(tmp_path, {**GOOD, "prompt": "void other(int8_t *a) {}"})
    assert re.search(r"expected a function `void k\(\.\.\.\)`.*found: other", sentence(f"{path}#k"))
    path.write_bytes(b"")
    assert re.search(r"some\.jsonl is empty", sentence(f"{path}#k"))
    path.write_bytes(b"\xff\xff")
    assert re.search(r"some\.jsonl is not UTF-8", sentence(f"{path}#k"))
