"""Every bundled task is in order: it loads, and its seed computes what numpy says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from kernelgepa import tasks
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case
from kernelgepa.task import INTEGERS, ITEM_BYTES, InputKind, Parameter, Task, Tolerance, Workload
from kernelgepa.tasks.arrays import Array, from_bytes
from kernelgepa.verdict import Stage

INFOS = tasks.list_tasks("npu-sim")
NAMES = [info.name for info in INFOS]
CATEGORIES = {
    "elementwise", "activation", "reduction", "norm", "softmax", "matmul", "conv", "pooling",
    "cast", "compare", "gather", "prefix_sum",
}  # fmt: skip
KINDS: tuple[InputKind, ...] = ("fresh", "edge")


def case(task: Task, workload: Workload, inputs: Mapping[str, Array], name: str) -> Case:
    sizes = {
        p.name: ITEM_BYTES[p.dtype] * int(np.prod(workload.shapes[p.name]))
        for p in task.interface.of_role("out")
    }
    return Case(name, {n: a.tobytes() for n, a in inputs.items()}, sizes, workload.scalars)


def drawn(task: Task, seed: int) -> Iterator[tuple[Workload, InputKind, Mapping[str, Array]]]:
    for workload in task.workloads:
        for kind in KINDS:
            inputs = task.reference.inputs(workload, np.random.default_rng(seed), kind)
            assert inputs is not None
            yield workload, kind, inputs


def wrong(got: Array, want: Array, parameter: Parameter, tolerance: Tolerance) -> Array:
    """Indexes of elements outside the tolerance of the reference; integers are exact."""
    left, right = got.astype(np.float64), want.astype(np.float64)
    bound = tolerance.atol + tolerance.rtol * np.abs(right)
    bad = left != right if parameter.dtype in INTEGERS else ~(np.abs(left - right) <= bound)
    return np.flatnonzero(bad)


def test_there_is_a_task_of_every_kind_and_names_are_those_of_the_folders():
    assert len(INFOS) >= 13
    assert {info.category for info in INFOS} >= CATEGORIES
    assert sorted(info.path.name for info in INFOS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_task_has_three_workloads_and_one_that_is_hidden(name: str):
    task = tasks.load(name)
    assert len(task.workloads) >= 3
    hidden = [w for w in task.workloads if w.uses == frozenset({"hidden"})]
    shown = [w for w in task.workloads if w not in hidden]
    assert hidden
    assert shown
    if task.shapes == "general":
        assert all(h.shapes not in [s.shapes for s in shown] or h.scalars for h in hidden)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_matches_the_reference_on_fresh_and_edge_inputs(name: str):
    task = tasks.load(name)
    sets = [s for seed in (1, 2) for s in drawn(task, seed)]
    cases = [case(task, w, inputs, f"{i}") for i, (w, _, inputs) in enumerate(sets)]
    done = execute_here(task.seeds["canonical"], task.interface, cases)
    assert done.stage is Stage.COMPARE, (done.diagnostics, [c.diagnostics for c in done.cases])
    for (workload, kind, inputs), result in zip(sets, done.cases, strict=True):
        want = task.reference.outputs(workload, inputs)
        for p in task.interface.of_role("out"):
            got = from_bytes(result.outputs[p.name], p.dtype, workload.shapes[p.name])
            assert want[p.name].shape == got.shape
            assert np.all(np.isfinite(want[p.name].astype(np.float64)))
            differing = wrong(got, want[p.name], p, workload.tolerance)
            assert not len(differing), (workload.name, kind, p.name, differing[:5])


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_compiles_and_is_rejected(name: str):
    task = tasks.load(name, "stub")
    workload, _, inputs = next(drawn(task, 3))
    done = execute_here(task.seeds["stub"], task.interface, [case(task, workload, inputs, "one")])
    assert done.stage is Stage.RUN
    assert done.cases[0].diagnostics[0].code == "poison"


@pytest.mark.parametrize("name", NAMES)
def test_a_zero_output_is_not_within_tolerance(name: str):
    """Otherwise a kernel that computes nothing would pass."""
    task = tasks.load(name)
    for workload, kind, inputs in drawn(task, 4):
        for p in task.interface.of_role("out"):
            want = task.reference.outputs(workload, inputs)[p.name]
            if kind == "fresh" and np.any(want):
                assert len(wrong(np.zeros_like(want), want, p, workload.tolerance))


@pytest.mark.parametrize("name", NAMES)
def test_inputs_depend_on_the_generator_alone(name: str):
    task = tasks.load(name)
    first, again, other = (list(drawn(task, seed)) for seed in (5, 5, 6))
    for (w, kind, a), (_, _, b), (_, _, c) in zip(first, again, other, strict=True):
        assert set(a) == {p.name for p in task.interface.of_role("in")}
        for p in task.interface.of_role("in"):
            assert a[p.name].shape == w.shapes[p.name]
            assert a[p.name].tobytes() == b[p.name].tobytes()
        if kind == "fresh":
            assert any(a[n].tobytes() != c[n].tobytes() for n in a)


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_plain_scalar_code(name: str):
    text = tasks.load(name).seeds["canonical"]
    assert "#include <aie_api/aie.hpp>\n" in text
    assert '#include "aie_kernel_utils.h"\n' in text
    assert "restrict" not in text
    assert "aie::" not in text


def test_checking_a_bundled_task_with_the_judge_finds_nothing(here):
    assert tasks.check("sum_i16", here) == []
    assert tasks.check("sum_i16") == []


def test_listing_tasks_loads_no_arrays():
    code = (
        "import sys; from kernelgepa import tasks; assert tasks.list_tasks(); "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_digest_is_of_the_task_and_not_of_where_it_lies(tmp_path):
    import shutil  # noqa: PLC0415

    info = next(i for i in INFOS if i.name == "relu_i8")
    copy = tmp_path / "elsewhere"
    shutil.copytree(info.path, copy)
    assert tasks.load(str(copy)).digest == tasks.load("relu_i8").digest
    (copy / "kernel.cc").write_text((copy / "kernel.cc").read_text() + "\n")
    assert tasks.load(str(copy)).digest != tasks.load("relu_i8").digest
    assert not list(copy.glob("__pycache__"))
