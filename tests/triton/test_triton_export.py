"""An exported file is ModelNew for whoever has torch and triton, without kernelgepa."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from triton_cases import ADD, HEAD, LAYER_NORM, RIGHT, SOFTMAX, Case, module
from triton_parts import candidate_of, task_of

from kernelgepa.errors import InputError
from kernelgepa.triton.adapter import TritonAdapter

# As KernelBench does it: two files, one seed, the same inputs; kernelgepa cannot be imported.
SCRIPT = """
import importlib.util, sys, torch

sys.modules["kernelgepa"] = None

def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made

reference, new = load("reference", sys.argv[1]), load("new", sys.argv[2])
for attribute in dir(new):
    found = getattr(new, attribute)
    if type(found).__name__ == "Autotuner":
        found.configs = found.configs[:1]

def made(kind):
    torch.manual_seed(3)
    return kind(*reference.get_init_inputs())

torch.manual_seed(4)
inputs = reference.get_inputs()
want, got = made(reference.Model)(*inputs), made(new.ModelNew)(*inputs)
pairs = zip(want, got, strict=True) if isinstance(want, tuple) else [(want, got)]
for a, b in pairs:
    assert a.shape == b.shape and a.dtype == b.dtype and a.stride() == b.stride(), (a, b)
    assert torch.allclose(a, b, atol=1e-3, rtol=1e-4), (a, b)
print("equal")
"""

TURNED = Case(
    ADD.reference.replace("torch.randn(7, N), torch", "torch.randn(N, 7).t(), torch"),
    ADD.kernel,
    ADD.launch,
)
INHERITED = Case(
    ADD.reference.replace("class Model(nn.Module)", "class Base(nn.Module)")
    + "\n\nclass Model(Base):\n    pass\n",
    ADD.kernel,
    ADD.launch,
)
CHOSEN = Case(
    module("x + y", "torch.randn(7, N), torch.randn(7, N)", arguments="x, y=None"),
    HEAD + "FACTOR = tl.constexpr(1.0)\n\n\n" + ADD.kernel.removeprefix(HEAD),
    ADD.launch.replace('kernel = "add"', 'kernel = "add"\nwhen = "n > 3 and x.ndim == 2"'),
)
EXPORTED = {**RIGHT, "turned": TURNED, "inherited": INHERITED, "chosen": CHOSEN}


@pytest.mark.parametrize("name", EXPORTED)
def test_an_exported_file_gives_what_the_reference_gives(
    name: str, adapter: TritonAdapter, tmp_path: Path
):
    case = EXPORTED[name]
    text = adapter.export(task_of(case), candidate_of(case))
    assert "kernelgepa" not in text.partition('"""\n')[2]
    for file, content in (("reference", case.reference), ("new", text), ("script", SCRIPT)):
        (tmp_path / f"{file}.py").write_text(content)
    done = subprocess.run(
        [sys.executable, "script.py", "reference.py", "new.py"],
        cwd=tmp_path,
        env={**os.environ, "TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "equal\n", done.stderr + text


def test_the_references_own_forward_is_not_in_the_file(adapter: TritonAdapter):
    text = adapter.export(task_of(LAYER_NORM), candidate_of(LAYER_NORM))
    assert "self.norm(x)" not in text and "nn.LayerNorm(n)" in text
    assert "get_inputs" not in text and "class Model(" not in text


def test_names_that_both_texts_define_are_told(adapter: TritonAdapter):
    norm = LAYER_NORM.changed(HEAD, HEAD + "WIDTH = 3\n\n\n")
    both = Case(
        norm.reference.replace("nn.LayerNorm(n)", "nn.LayerNorm(n + 0 * WIDTH)") + "WIDTH = 1\n",
        norm.kernel,
        norm.launch,
    )
    with pytest.raises(InputError, match="both define WIDTH"):
        adapter.export(task_of(both), candidate_of(both))


def test_what_does_not_compile_is_not_exported(adapter: TritonAdapter):
    with pytest.raises(InputError):
        bad = SOFTMAX.changed("return tl.exp(x)", "return tl.exp(x")
        adapter.export(task_of(bad), candidate_of(bad))
