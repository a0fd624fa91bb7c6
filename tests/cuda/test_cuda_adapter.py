"""A candidate of two components, compiled and checked; nothing of it runs here."""

from __future__ import annotations

import json

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.cuda.driver import CudaError
from kernelgepa.cuda.loader import FACTS, load
from kernelgepa.measured.contract import Context
from kernelgepa.verdict import Stage
from tests.cuda.made import KERNEL, LAUNCH, candidate, task

NAME = "scale<float, 256>"


def test_without_a_device_it_is_compiled_and_no_more(adapter: CudaAdapter) -> None:
    built = adapter.build(task(), candidate(), "cpu")
    assert built.failed is None
    assert built.unverified == "there is no CUDA device here: compiled for sm_90, not run"
    assert built.payload["kernel.cubin"][:4] == b"\x7fELF"
    assert json.loads(built.payload[FACTS])["parameters"][NAME] == [8, 8, 8, 8, 8, 4, 4]
    figures = built.counters
    assert all(q.tag == "static" for q in figures.values())
    assert figures[f"{NAME}.registers"].value > 0
    assert figures[f"{NAME}.spill_stores"].value == 0
    assert 0 < figures[f"{NAME}.occupancy"].value <= 100


def test_the_loader_never_runs_without_a_device(adapter: CudaAdapter) -> None:
    built = adapter.build(task(), candidate(), "cpu")
    context = Context({}, (), (), "cpu")
    with pytest.raises(CudaError, match="cannot run"):
        load(candidate().components, built.payload, context)


@pytest.mark.parametrize(
    ("old", "new", "stage", "says"),
    [
        ("x.numel", "z.numel", Stage.REFUSED, "launch, line 3: let.n: 'z.numel': unknown name"),
        ("block = [256]", "blok = [256]", Stage.REFUSED, "did you mean 'block'?"),
        ('"out", "n",', '"out",', Stage.BUILD, "7 parameters, and the launch gives 6 arguments"),
        ('"n", "x.sh', '"n:int32", "x.sh', Stage.BUILD, "argument 5 ('n') is int32, 4 bytes"),
        ('"out", "n"', '"n", "out"', Stage.BUILD, "('out') is a pointer, and the parameter is a"),
        ('"self.slope"', '"1:int32"', Stage.BUILD, "and the parameter is a floating-point number"),
        ("block = [256]", "block = [256]\nshared = 233000", Stage.BUILD, "does not fit"),
        ("block = [256]", "block = [64, 20]", Stage.BUILD, "has 1024 threads at most"),
        (NAME, "scale<float>", Stage.COMPILE, "cannot be found"),
        (NAME, "scole", Stage.COMPILE, "it has scale"),
        ("[let]", 'options = ["-arch=sm_80", "-I/tmp"]\n[let]', Stage.REFUSED, "'-I/tmp' is not"),
    ],
)
def test_a_wrong_launch_is_told(
    adapter: CudaAdapter, old: str, new: str, stage: Stage, says: str
) -> None:
    assert LAUNCH.count(old) == 1
    text = LAUNCH.replace(old, new)
    source = KERNEL.replace("int64_t n", "long long n")
    built = adapter.build(task(), candidate(source, text), "cpu")
    assert (built.failed, built.payload) == (stage, {})
    assert any(says in d.message for d in built.diagnostics), built.diagnostics
    assert any(d.code == "launch" for d in built.diagnostics)


def test_both_components_are_needed(adapter: CudaAdapter) -> None:
    for name in ("kernel", "launch"):
        parts = {k: v for k, v in candidate().components.items() if k != name}
        built = adapter.build(task(), Candidate(parts), "cpu")
        assert built.failed is Stage.REFUSED
        assert name in built.diagnostics[0].message


def test_the_architecture_may_be_the_kernels_own(adapter: CudaAdapter) -> None:
    text = 'options = ["-arch=sm_90a", "--use_fast_math"]\n' + LAUNCH
    built = adapter.build(task(), candidate(launch=text), "cpu")
    assert built.failed is None
    assert "sm_90a" in built.unverified
