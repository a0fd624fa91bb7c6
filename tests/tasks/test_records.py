"""NPUEval records load, their canonical kernels reproduce them, and new inputs stay like them."""

from __future__ import annotations

import importlib.util
import json
import re
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from here_target import RECORDS

from kernelgepa import tasks
from kernelgepa.task import ITEM_BYTES, InputKind, Task
from kernelgepa.tasks import npueval
from kernelgepa.tasks.arrays import is_float
from kernelgepa.tasks.inputs import Range, draw
from kernelgepa.tasks.reference import OracleReference

NAMES = npueval.names(RECORDS)
DATA = Path(__file__).parent.parent / "data"
MADE: tuple[InputKind, ...] = tuple(k for k in get_args(InputKind) if k != "recorded")


def load(name: str) -> tuple[Task, OracleReference]:
    task = tasks.load(f"{RECORDS}#{name}")
    assert isinstance(task.reference, OracleReference)
    return task, task.reference


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_kernel_reproduces_the_record_and_runs_on_new_inputs(here, name: str):
    assert tasks.check(f"{RECORDS}#{name}", here) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_record_becomes_a_task(name: str):
    task, reference = load(name)
    workload = task.workloads[0]
    record = next(r for r in map(json.loads, RECORDS.open()) if r["kernel_name"] == name)
    vectors = record["test_vectors"]
    assert task.interface.function == name
    assert [p.role for p in task.interface.parameters] == (
        ["in"] * len(vectors["inputs"])
        + ["out"] * len(vectors["outputs"])
        + ["scalar"] * len(vectors.get("rtps") or [])
    )
    assert list(workload.scalars.values()) == [
        next(v for k, v in r.items() if k != "dtype") for r in vectors.get("rtps") or []
    ]
    assert workload.tolerance.rtol == (record.get("tolerances") or {}).get("rtol", 0.01)
    for p in task.interface.of_role("in"):
        data = reference.recorded_inputs[p.name]
        assert data.shape == workload.shapes[p.name]
        assert data.itemsize == ITEM_BYTES[p.dtype]
    assert set(task.seeds) == {"canonical", "stub"}
    assert record["prompt"].startswith("/*\n" + task.description[:40])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", MADE)
def test_new_inputs_stay_within_what_was_recorded(name: str, kind: InputKind):
    task, reference = load(name)
    for seed in range(5):
        made = reference.inputs(task.workloads[0], np.random.default_rng(seed), kind)
        assert made is not None
        for p in task.interface.of_role("in"):
            old = reference.recorded_inputs[p.name].astype(np.float64)
            new = made[p.name].astype(np.float64)
            within = reference.ranges[p.name]
            assert new.shape == old.shape
            assert made[p.name].dtype == reference.recorded_inputs[p.name].dtype
            assert within.low <= new.min() <= new.max() <= within.high
            if is_float(p.dtype):
                assert (within.low, within.high) == (old.min(), old.max())
            if old.min() >= 0:
                assert new.min() >= 0
            widened = (within.low, within.high) != (old.min(), old.max())
            if np.all(old != 0) and not widened:
                assert np.all(new != 0)
            if np.all(old == np.round(old)):
                assert np.all(new == np.round(new))


@pytest.mark.parametrize("name", NAMES)
def test_fresh_inputs_are_new_and_decided_by_the_generator(name: str):
    task, reference = load(name)
    first, again, other = (
        reference.inputs(task.workloads[0], np.random.default_rng(seed), "fresh")
        for seed in (1, 1, 2)
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert all(first[n].tobytes() == again[n].tobytes() for n in first)
    assert any(first[n].tobytes() != other[n].tobytes() for n in first)
    assert any(first[n].tobytes() != reference.recorded_inputs[n].tobytes() for n in first)


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_source_is_also_a_task_as_a_file(tmp_path: Path, name: str):
    task, _ = load(name)
    path = tmp_path / "kernel.cc"
    path.write_text(task.seeds["canonical"])
    again = tasks.load(str(path))
    counts = {n: (int(np.prod(s)),) for n, s in task.workloads[0].shapes.items()}
    assert again.interface == task.interface
    assert again.workloads[0].shapes == counts
    assert again.workloads[0].scalars == pytest.approx(task.workloads[0].scalars, abs=1e-5)


def test_the_ten_records_are_what_their_generator_writes():
    path = DATA / "make_records.py"
    spec = importlib.util.spec_from_file_location("make_records", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys  # noqa: PLC0415

    sys.modules["make_records"] = module
    spec.loader.exec_module(module)
    text = (DATA / "records.jsonl").read_text(encoding="utf-8")
    assert module.text() == text
    records = [json.loads(line) for line in text.splitlines()]
    assert len(records) == 10
    kinds = set(re.findall(r'"dtype": "(\w+)"', text))
    assert kinds >= {"bfloat16", "float32", "int8", "uint8", "int16", "int32"}
    assert any("tolerances" in r for r in records)
    assert any("tolerances" not in r for r in records)
    assert any(len(r["test_vectors"]["inputs"]) == 2 for r in records)
    assert any("rtps" in r["test_vectors"] for r in records)


RANGES = [
    # recorded, dtype, the range
    ([-100, 3, 90], "int8", Range(-100, 90, True, True)),
    ([-128, 0, 127], "int8", Range(-128, 127, True)),
    ([-127, 5, 125], "int8", Range(-128, 127, True)),
    ([0, 249], "uint8", Range(0, 249, True)),
    ([1, 17], "uint8", Range(1, 17, True, True)),
    ([0, 60_000], "uint16", Range(0, 65535, True)),
    ([-1.5, 0.0, 2.5], "float32", Range(-1.5, 2.5)),
    ([-1.5, 2.5], "float32", Range(-1.5, 2.5, False, True)),
    ([1.0, 7.0], "bfloat16", Range(1, 7, True, True)),
]


@pytest.mark.parametrize(("recorded", "dtype", "expected"), RANGES)
def test_what_data_leaves_out_its_range_leaves_out(
    recorded: list[float], dtype: str, expected: Range
):
    assert Range.observed(np.array(recorded), dtype) == expected


def test_edge_values_hold_the_ends_of_the_range_and_zero():
    edge = Range(-128, 127, True).edge(np.random.default_rng(1), (4096,), "int8")
    assert {-128, 127, 0, 1, -1} <= set(edge.tolist())
    floats = Range(-3.0, 5.0).edge(np.random.default_rng(1), (4096,), "bfloat16")
    assert {-3.0, 5.0, 0.0, 0.5, -0.5} <= set(floats.astype(float).tolist())


def test_edge_values_of_a_small_type_are_all_there_and_hold_ties():
    byte = Range(-128, 127, True).edge(np.random.default_rng(1), (512,), "int8")
    assert len(set(byte.tolist())) == 256
    word = Range(-32768, 32767, True).edge(np.random.default_rng(1), (1024,), "int16")
    for shift in (4, 7, 8):
        ties = word[(word.astype(int) & ((1 << shift) - 1)) == 1 << (shift - 1)]
        assert len(set(ties.tolist())) > 10


@pytest.mark.parametrize("dtypes", [("int8", "int8"), ("int16", "uint8", "float32"), ("int8",) * 6])
def test_the_extremes_of_inputs_meet(dtypes: tuple[str, ...]):
    names = [f"x{i}" for i in range(len(dtypes))]
    ranges = {
        n: Range(0 if t == "uint8" else -100, 100, True) for n, t in zip(names, dtypes, strict=True)
    }
    kinds = dict(zip(names, dtypes, strict=True))
    made = draw(ranges, dict.fromkeys(names, (512,)), kinds, np.random.default_rng(3), "edge")
    met = set(zip(*(a.astype(int).tolist() for a in made.values()), strict=True))
    ends = set(product(*((int(ranges[n].low), 100) for n in names)))
    assert ends <= met if len(names) < 5 else len(ends & met) > len(ends) // 2


def test_values_of_one_side_leave_zero_out_and_the_first_is_beyond_the_rest():
    for name in ("int8", "bfloat16"):
        whole = name == "int8"
        low = Range(-128, 127, whole).side(np.random.default_rng(1), (64,), name, False)
        high = Range(-128, 127, whole).side(np.random.default_rng(1), (64,), name, True)
        assert low.astype(float).argmax() == 0
        assert low.astype(float).max() < 0 < high.astype(float).min()
        assert high.astype(float).argmin() == 0


@pytest.mark.parametrize("low", [-0.001, -1e-6])
def test_rounding_to_bfloat16_does_not_leave_the_range(low: float):
    within = Range(low, 0.1001, nonzero=True)
    for kind in (within.fresh, within.edge):
        values = kind(np.random.default_rng(1), (500,), "bfloat16").astype(np.float64)
        assert np.all(np.abs(values) <= 0.1002)
        assert np.all(values != 0)
