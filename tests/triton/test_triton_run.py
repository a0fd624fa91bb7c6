"""Kernels that really run, in Triton's interpreter behind the sandbox."""

from __future__ import annotations

import pytest
from triton_cases import ADD, BOTH, COUNTED, HEAD, RIGHT, SOFTMAX, TWO_STEPS, Case, module
from triton_parts import judge

from kernelgepa.protocols import Workers


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_kernel_gives_what_the_reference_gives(name: str, interpreted: Workers):
    found = judge(interpreted, RIGHT[name])
    assert "error" not in found, found
    assert found["same"] and found["worst"] < 1e-3


def test_a_wrong_kernel_gives_something_else(interpreted: Workers):
    assert judge(interpreted, ADD.changed("+ tl.load(y", "- tl.load(y"))["worst"] > 0.1


def test_what_is_not_written_is_poison_not_stale_memory(interpreted: Workers):
    assert judge(interpreted, ADD.changed("mask = i < n", "mask = i < n - 1"))["worst"] == float(
        "inf"
    )
    assert judge(interpreted, COUNTED.launched(", zero = true", ""))["worst"] > 1e9
    assert judge(interpreted, TWO_STEPS.changed("tl.store(parts", "tl.load(parts").changed(
        ", tl.sum(v * v, axis=0))", ")"))["worst"] == float("inf")  # fmt: skip


def test_a_mask_that_is_missing_is_an_error_where_it_is_missing(interpreted: Workers):
    found = judge(interpreted, SOFTMAX.changed(', mask=i < columns, other=-float("inf")', ""))
    assert "reads outside" in found["error"] and found["line"] == 14
    found = judge(interpreted, ADD.changed(" tl.load(y + i, mask=mask), mask=mask)",
                                           " tl.load(y + i, mask=mask))"))  # fmt: skip
    assert "writes outside" in found["error"] and "of out" in found["error"]


def test_an_address_far_away_is_an_error_and_no_crash(interpreted: Workers):
    found = judge(interpreted, ADD.changed("tl.load(x + i", "tl.load(x + i + 2000000000"))
    assert "KernelFault" in found["error"] and "far from each" in found["error"]


def test_what_fails_while_it_runs_has_its_line(interpreted: Workers):
    found = judge(interpreted, BOTH.changed("tl.argmax(v, axis=0)", "tl.argmax(v, axis=2)"))
    assert found["line"] == 11 and "kernel largest" in found["error"]


def test_assigning_one_value_to_two_names(interpreted: Workers):
    found = judge(interpreted, ADD.changed("mask = i < n", "mask = also = i < n"))
    assert found.get("worst") == 0.0


def test_a_tensor_that_is_not_contiguous_is_made_so(interpreted: Workers):
    turned = ADD.__class__(
        ADD.reference.replace("torch.randn(7, N), torch", "torch.randn(N, 7).t(), torch"),
        ADD.kernel,
        ADD.launch,
    )
    found = judge(interpreted, turned)
    assert found["worst"] == 0.0 and found["strides"] == [[1, 7]]


def test_an_object_of_the_candidates_own_is_not_launched(interpreted: Workers):
    own = ADD.changed(
        "@triton.jit\ndef add",
        "class Fake:\n    def __getitem__(self, grid):\n        return lambda *a, **k: None\n\n\n"
        "@triton.jit\ndef add",
    )
    own = ADD.__class__(own.reference, own.kernel + "\n\nadd = Fake()\n", own.launch)
    assert "NotLaunchable" in judge(interpreted, own)["error"]


@pytest.mark.parametrize(
    ("call", "torch"),
    [
        ("libdevice.tanh(v)", "torch.tanh(x)"),
        ("libdevice.log1p(libdevice.exp(v))", "torch.log1p(torch.exp(x))"),
        ("libdevice.erf(v)", "torch.erf(x)"),
        ("libdevice.pow(v, 3.0)", "x ** 3"),
        ("libdevice.atan2(v, v + 1)", "torch.atan2(x, x + 1)"),
        ("tl.where(libdevice.isnan(v) == 0, libdevice.rsqrt(v * v + 1), v)", "(x * x + 1).rsqrt()"),
    ],
)
def test_functions_of_libdevice_are_computed(call: str, torch: str, interpreted: Workers):
    kernel = ADD.kernel.replace(", y, out", ", out").replace(
        "tl.load(x + i, mask=mask) + tl.load(y + i, mask=mask)", "value(tl.load(x + i, mask=mask))"
    )
    helper = (
        "from triton.language.extra import libdevice\n\n\n"
        f"@triton.jit\ndef value(v):\n    return {call}\n\n\n"
    )
    case = Case(
        module(torch, "torch.randn(3, N)"),
        kernel.replace(HEAD, HEAD + helper),
        ADD.launch.replace('"x", "y", "out"', '"x", "out"'),
    )
    found = judge(interpreted, case)
    assert "error" not in found, found
    assert found["same"] and found["worst"] < 1e-4
