"""What a candidate compiles by load_inline: once for all its processes, and said where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.verdict import Stage, Verdict
from tests.measured.problems import RELU, task

Judged = Callable[[str], Verdict]
# Where a compiler has run, what it made for the linker lies beside the library.
NEW = '''\
import glob, os
import torch
from torch.utils.cpp_extension import load_inline

SOURCE = """
#include <cstdint>
#include <pybind11/pybind11.h>

void relu(uintptr_t a, uintptr_t out, int64_t count) {
    auto x = reinterpret_cast<const float *>(a);
    for (int64_t i = 0; i < count; i++)
        reinterpret_cast<float *>(out)[i] = x[i] > 0.0f ? x[i] : 0.0f;
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) { module.def("relu", &relu); }
"""


def build(name, source=SOURCE):
    return load_inline(name=name, cpp_sources=source, no_implicit_headers=True)


def compiled_here(made):
    return bool(glob.glob(os.path.dirname(made.__file__) + "/*.o"))


own = build("own", SOURCE + f"// {os.getpid()}")


class ModelNew(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = build("shared")

    def forward(self, x):
        if compiled_here(self.shared) or not compiled_here(own):
            return x - 1
        x, out = x.contiguous(), torch.empty_like(x)
        self.shared.relu(x.data_ptr(), out.data_ptr(), x.numel())
        return out
'''


@pytest.fixture(scope="module")
def of() -> Iterator[Judged]:
    with open_sandbox(Choice("landlock")) as sandbox:
        made = ModuleJudge(TorchAdapter(), sandbox, "cpu", seconds=0.1)
        yield lambda source: made.whole(task(RELU), Candidate.kernel(source))
        made.close()


def test_no_process_that_is_judged_compiles_but_what_is_its_own(of: Judged):
    found = of(NEW)
    assert found.correct, found


def test_what_does_not_compile_has_failed_to_compile_with_the_compilers_words(of: Judged):
    (workload,) = (found := of(NEW.replace("x[i] > 0.0f ?", "y[i] > 0.0f ?"))).workloads
    assert workload.stage is Stage.COMPILE
    (note,) = found.diagnostics
    assert note.message.splitlines()[0] == "RuntimeError: Error building extension 'own'"
    assert "was not declared in this scope" in note.message
