"""The exported file: it needs no kernelgepa, makes the same parameters, and launches the same."""

from __future__ import annotations

import ast
import struct
import sys
from collections.abc import Mapping
from typing import Any

import pytest
import torch

from kernelgepa.cuda import arguments
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.cuda.live import Module, spec_of, value_of
from kernelgepa.errors import InputError
from kernelgepa.launch import evaluate, forward_of, read
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from tests.cuda.made import KERNEL, LAUNCH, PROBLEM, candidate, task


class Recorder:
    """Stands where the compiled extension would; keeps what it is asked."""

    def __init__(self) -> None:
        self.launches: list[tuple[Any, ...]] = []


def executed(text: str) -> dict[str, Any]:
    """The file without its call of nvcc, executed; launches are recorded."""
    tree = ast.parse(text)
    built = [n for n in tree.body if ast.unparse(n) == "KG_EXTENSION = kg_build()"]
    wanted = [n for n in tree.body if ast.unparse(n).startswith("from torch.utils.cpp_extension")]
    assert len(built) == len(wanted) == 1
    tree.body = [n for n in tree.body if n not in (*built, *wanted)]
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(tree, "exported.py", "exec"), names)
    recorder = names["recorder"] = Recorder()

    def launch(*asked: Any) -> None:
        recorder.launches.append(asked)

    names["kg_launch"] = launch
    return names


def problem(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_it_is_a_file_of_its_own(adapter: CudaAdapter) -> None:
    text = adapter.export(task(), candidate())
    tree = ast.parse(text)
    imported = {
        (n.module if isinstance(n, ast.ImportFrom) else n.names[0].name) or ""
        for n in ast.walk(tree)
        if isinstance(n, ast.Import | ast.ImportFrom)
    }
    assert {name.partition(".")[0] for name in imported} <= {*sys.stdlib_module_names, "torch"}
    classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    methods = [n.name for n in classes["KgReference"].body if isinstance(n, ast.FunctionDef)]
    assert methods == ["__init__"]
    assert "get_inputs" not in text


def test_parameters_are_those_of_the_reference(adapter: CudaAdapter) -> None:
    exported, given = executed(adapter.export(task(), candidate())), problem(PROBLEM)
    torch.manual_seed(42)
    want = given["Model"](*given["get_init_inputs"]()).state_dict()
    torch.manual_seed(42)
    made = exported["ModelNew"](*given["get_init_inputs"]()).state_dict()
    assert list(made) == list(want)
    assert all(torch.equal(made[name], want[name]) for name in want)


GENERAL = """
outputs = [{ name = "y", shape = ["x.shape[0]", "x.size(1)"], dtype = "x.dtype" }]
[let]
n = "x.numel"
late = "part.numel + 1"
w = "self.scale"
half = "n / 2 if n % 2 == 0 else -(n // 2)"
[[buffer]]
name = "part"
shape = ["ceildiv(n, 128)", 2]
dtype = "float16"
zero = true
[[buffer]]
name = "copy"
like = "w"
[[launch]]
kernel = "first"
grid = ["min(ceildiv(n, 128), 65535)", "x.shape[0]"]
block = [32, "max(1, x.shape[1] // x.shape[1])"]
shared = "next_pow2(x.shape[0]) * 4"
args = [
    "x", "w", "copy", "part", "n", "late", "half", "self.slope:float64", "sqrt(n)", "w.stride(0)",
]
[[launch]]
kernel = "second<3>"
when = "n > 100 and not x.ndim == 3"
grid = [1]
block = [64]
args = ["part", "y", "x.stride(0):int16", "1 / x.shape[1]", "self.inner.bias"]
"""
TWO = """
__global__ void first(const float* x, const float* w, float* c, void* p, long long n, int late,
                      float half, double slope, float root, long s) {}
template <int N> __global__ void second(void* p, float* y, short s, float r, const float* b) {}
"""


def recorded(launch: tuple[Any, ...]) -> tuple[Any, ...]:
    which, grid, block, shared, args = launch
    shapes = [(*g, 1, 1, 1)[:3] for g in (grid, block)]
    return which, *shapes, shared, [_value(v) for v, _ in args]


def _value(given: Any) -> Any:
    return spec_of(given) if isinstance(given, torch.Tensor) else given


@pytest.mark.parametrize("shape", [(5, 7), (64, 1000), (3, 8), (1, 1)])
def test_launches_are_those_of_the_specification(
    adapter: CudaAdapter, shape: tuple[int, int]
) -> None:
    exported = executed(adapter.export(task(), candidate(TWO, GENERAL)))
    model = exported["ModelNew"](shape[1], 0.25)
    x = torch.randn(*shape)
    made = model(x)
    spec = read(GENERAL, "cuda", forward_of(PROBLEM)).spec
    assert spec is not None
    plan = evaluate(spec, {"x": value_of(x, True)}, Module(model, True), [spec_of(x)])
    assert spec_of(made) == plan.outputs[0].spec
    kernels = ["first", "second<3>"]
    got = [recorded(one) for one in exported["recorder"].launches]
    assert len(got) == len(plan.launches) == 1 + (x.numel() > 100)
    specs = {
        "x": spec_of(x), "self.scale": spec_of(model.scale), "self.inner.bias":
        spec_of(model.inner.bias), **{a.name: a.spec for a in (*plan.outputs, *plan.buffers)},
    }  # fmt: skip
    for want, (which, grid, block, shared, values) in zip(plan.launches, got, strict=True):
        assert (kernels[which], grid, block, shared) == (
            want.kernel, want.grid, want.block, want.shared,
        )  # fmt: skip
        wanted = [
            a.value if a.kind == "number" else specs[".".join(map(str, a.path))]
            for a in want.arguments
        ]
        assert values == wanted


def test_zeroed_memory_is_zero(adapter: CudaAdapter) -> None:
    exported = executed(adapter.export(task(), candidate(TWO, GENERAL)))
    exported["ModelNew"](100, 0.25)(torch.randn(9, 100))
    part = exported["recorder"].launches[0][4][3][0]
    assert part.dtype == torch.float16
    assert part.abs().sum() == 0


def test_numbers_have_the_bytes_they_have_here(adapter: CudaAdapter) -> None:
    names = executed(adapter.export(task(), candidate()))
    for kind, value in [
        ("int32", -7), ("uint8", 200), ("int64", 1 << 40), ("float32", 0.1), ("float64", -0.1),
        ("float16", 1.5), ("bfloat16", 3.14159), ("bfloat16", -1e-3), ("bool", True),
        ("uint64", 2**64 - 1),
    ]:  # fmt: skip
        bits = names["kg_bits"](value, kind, [])
        raw = arguments.packed(kind, value)
        assert struct.pack("<q", bits)[: len(raw)] == raw
    assert names["kg_bits"](None, "?8", []) == 0
    assert names["kg_bits"](2.0, "?4", []) == names["kg_bits"](2.0, "float32", [])
    with pytest.raises(RuntimeError, match="not on the device"):
        names["kg_bits"](torch.zeros(1), "?8", [])


def test_outputs_are_known_for_the_workloads_alone(adapter: CudaAdapter) -> None:
    exported = executed(adapter.export(task(), candidate()))
    model = exported["ModelNew"](1000, 0.1)
    assert model(torch.randn(64, 1000)).shape == (64, 1000)
    with pytest.raises(RuntimeError, match="written for inputs of shapes"):
        model(torch.randn(65, 1000))


def test_every_workload_counts_and_layouts_are_kept(adapter: CudaAdapter) -> None:
    code = PROBLEM.replace("return torch.where(y > 0, y, self.slope * y)", "return y.t(), y.sum()")
    loads = tuple(Workload(f"w{n}", {}, {"rows": n}) for n in (4, 6))
    given = Task(
        "two", "cuda", Interface("", ()), loads, ModuleReference(code), {"canonical": KERNEL}
    )
    exported = executed(adapter.export(given, candidate()))
    model = exported["ModelNew"](1000, 0.1)
    for rows in (4, 6):
        first, second = model(torch.randn(rows, 1000))
        assert (first.shape, first.stride()) == ((1000, rows), (1, 1000))
        assert second.shape == ()


def test_what_cannot_be_exported_says_why(adapter: CudaAdapter) -> None:
    with pytest.raises(InputError, match="cannot be found in the source"):
        adapter.export(task(), candidate("__global__ void other() {}"))
    code = PROBLEM.replace("return torch.where", "y = y[y > 0]\n        return torch.where")
    with pytest.raises(InputError, match="give the outputs of the launch shape and dtype"):
        adapter.export(task(code), candidate())


def test_defaults_of_forward_stay(adapter: CudaAdapter) -> None:
    code = PROBLEM.replace("def forward(self, x):", "def forward(self, x, k: 'int' = 3):")
    exported = executed(adapter.export(task(code), candidate()))
    exported["ModelNew"](1000, 0.1)(torch.randn(64, 1000))
    assert len(exported["recorder"].launches) == 1


def test_sources_of_any_letters_survive(adapter: CudaAdapter) -> None:
    for more in ('// """ \\n \\', '// ends with a quote "', "// λ \\u0041", "// '''\r\n"):
        source = KERNEL + more + "\n"
        exported = executed(adapter.export(task(), candidate(source)))
        assert exported["KG_SOURCE"].startswith(source)


def test_options_go_to_nvcc(adapter: CudaAdapter) -> None:
    text = 'options = ["-arch=sm_90a", "--use_fast_math"]\n' + LAUNCH
    made: Mapping[str, Any] = executed(adapter.export(task(), candidate(launch=text)))
    assert "--use_fast_math" in made["KG_FLAGS"]
    assert not [f for f in made["KG_FLAGS"] if "arch" in f]
