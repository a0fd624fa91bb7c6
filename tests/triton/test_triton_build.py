"""Candidates that compile, and what those that do not are told. No GPU anywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from triton_cases import ADD, BFLOAT, BOTH, HEAD, MATMUL, RIGHT, SOFTMAX, TUNED, Case
from triton_parts import build, candidate_of, task_of

from kernelgepa.measured.contract import Built
from kernelgepa.task import Workload
from kernelgepa.triton.adapter import TritonAdapter
from kernelgepa.verdict import Diagnostic, Stage


def only(built: Built) -> Diagnostic:
    found = [d for d in built.diagnostics if d.severity == "error"]
    assert len(found) == 1, built
    return found[0]


@pytest.mark.parametrize("name", RIGHT)
def test_a_kernel_compiles_and_has_counters_of_both_kinds_of_gpu(name: str, adapter: TritonAdapter):
    built = build(adapter, RIGHT[name])
    assert built.failed is None, built.diagnostics
    assert built.loader and built.unverified == "" and not built.timed
    assert {q.tag for q in built.counters.values()} == {"static"}
    registers = [
        q.value
        for n, q in built.counters.items()
        if n.endswith(" registers") and "spilled" not in n
    ]
    assert len(registers) >= 3 and min(registers) > 0
    assert {n.split()[0] for n in built.counters} == {"sm_90", "gfx942"}


def test_every_launched_kernel_has_counters(adapter: TritonAdapter):
    names = {n.split()[1] for n in build(adapter, RIGHT["two steps"]).counters}
    assert names == {"partial", "total"}


def test_tiles_through_shared_memory_are_counted(adapter: TritonAdapter):
    assert build(adapter, MATMUL).counters["sm_90 matmul shared memory"].value >= 32 * 32 * 4


def test_for_a_gpu_that_is_not_there_it_is_compiled_and_not_run(adapter: TritonAdapter):
    built = build(adapter, BFLOAT, "cuda:7")
    assert built.failed is None and "no CUDA device cuda:7" in built.unverified
    assert built.counters["sm_90 add registers"].value > 0
    wrong = build(adapter, ADD.changed("tl.load(y + i", "tl.load(z + i"), "cuda:7")
    assert wrong.failed is Stage.COMPILE and wrong.unverified == ""


def test_a_syntax_error_has_its_line(adapter: TritonAdapter):
    built = build(adapter, ADD.changed("mask = i < n", "mask = i <"))
    assert built.failed is Stage.COMPILE
    assert only(built).line == 8 and only(built).source == "mask = i <"


def test_an_unknown_name_is_an_error_at_its_line(adapter: TritonAdapter):
    built = build(adapter, ADD.changed("tl.load(y + i", "tl.load(z + i"))
    assert built.failed is Stage.COMPILE
    assert only(built).line == 9 and "z is not defined" in only(built).message


def test_an_error_in_a_helper_is_told_where_it_is_and_who_called(adapter: TritonAdapter):
    built = build(adapter, SOFTMAX.changed("return tl.exp(x)", "return tl.exp(x) @ x"))
    assert only(built).line == 7 and "called from line 15" in only(built).message


def test_types_that_do_not_fit_are_an_error_at_their_line(adapter: TritonAdapter):
    built = build(adapter, ADD.changed("mask = i < n", "mask = (i < n) + x"))
    assert built.failed is Stage.COMPILE and only(built).line in (8, 9)


def test_a_block_that_is_no_power_of_two(adapter: TritonAdapter):
    built = build(adapter, ADD.launched("BLOCK = 256", "BLOCK = 250"))
    assert built.failed is Stage.COMPILE
    assert "power of 2" in only(built).message and only(built).line == 7


def test_an_exception_of_the_module_itself(adapter: TritonAdapter):
    built = build(adapter, ADD.changed(HEAD, HEAD + "SIZE = 1 // 0\n"))
    assert built.failed is Stage.COMPILE
    assert "ZeroDivisionError" in only(built).message and only(built).source == "SIZE = 1 // 0"


def test_a_rule_may_ask_what_tensors_are_like(adapter: TritonAdapter):
    rule = 'args["x"].dtype.itemsize == 4 and args["x"].numel() > 9 and args["x"].stride(0) == 300'
    built = build(adapter, TUNED.changed('args["n"] % args["BLOCK"] == 0', rule))
    assert built.failed is None, built.diagnostics


def test_a_source_that_never_ends_is_told_so(adapter: TritonAdapter):
    built = build(adapter, ADD.changed(HEAD, HEAD + "while True:\n    pass\n"))
    assert built.failed is Stage.COMPILE and "should only define kernels" in only(built).message


def test_a_process_that_leaves_is_no_success(adapter: TritonAdapter):
    built = build(adapter, ADD.changed(HEAD, HEAD + "triton.knobs.os._exit(0)\n"))
    assert built.failed is not None and built.loader == ""


@pytest.mark.parametrize("end", ["raise SystemExit(0)", "exit()", "raise KeyboardInterrupt"])
def test_ending_the_compilation_is_no_success(end: str, adapter: TritonAdapter):
    built = build(adapter, Case(ADD.reference, ADD.kernel + end + "\n", ADD.launch))
    assert built.failed is Stage.COMPILE and built.loader == ""


@pytest.mark.parametrize(
    "line",
    [
        "import torch", "import os", "from subprocess import run", "import triton.runtime.driver",
        "from . import x", "eval('1')", "tl.load = tl.store", "x = tl.__dict__",
        "c = triton.Config({}, pre_hook=print)",
    ],
)  # fmt: skip
def test_what_a_kernel_has_no_use_for_is_refused(line: str, adapter: TritonAdapter):
    built = build(adapter, ADD.changed(HEAD, HEAD + line + "\n"))
    assert built.failed is Stage.REFUSED
    assert only(built).source == line and only(built).code == "not-here"


def test_a_source_without_a_kernel(adapter: TritonAdapter):
    built = build(adapter, ADD.changed("@triton.jit\n", ""))
    assert built.failed is Stage.REFUSED and only(built).code == "no-kernel"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kernel = "add"', 'kernel = "sub"', "has add"),
        ("BLOCK = 256", "BLOK = 256", "did you mean 'BLOCK'"),
        ('"out", "n"]', '"out"]', "no value for n"),
        ('"out", "n"]', '"out", "n", "n", "n"]', "has 5 parameters"),
        ("ceildiv(n, BLOCK)", "ceildiv(m, BLOCK)", "unknown name"),
        ("ceildiv(n, BLOCK)", "n - n", "grid[0] is 0"),
        ("x.numel", "x.numel / 0", "division by zero"),
        ("[[launch]]", "[[lunch]]", "lunch"),
    ],
)
def test_a_bad_launch_is_told(old: str, new: str, said: str, adapter: TritonAdapter):
    case = ADD.launched(old, new)
    if new.startswith("BLOK"):
        case = case.launched("ceildiv(n, BLOCK)", "ceildiv(n, BLOK)")
    built = build(adapter, case)
    assert built.failed in (Stage.REFUSED, Stage.COMPILE)
    assert any(said in d.message for d in built.diagnostics), built.diagnostics


def test_a_tile_too_large_for_shared_memory_cannot_be_placed(adapter: TritonAdapter):
    big = MATMUL.launched("BM = 32, BN = 32, BK = 32", "BM = 64, BN = 64, BK = 512").launched(
        "num_warps = 4", "num_warps = 8"
    )
    built = build(adapter, big)
    assert built.failed is Stage.BUILD and "shared memory" in only(built).message


def test_tuning_is_noted(adapter: TritonAdapter):
    notes = [d for d in build(adapter, TUNED).diagnostics if d.code == "autotune"]
    assert len(notes) == 1 and notes[0].severity == "note"


def test_a_product_of_float32_is_noted(adapter: TritonAdapter):
    assert any(d.code == "tf32" for d in build(adapter, MATMUL).diagnostics)
    exact = MATMUL.changed("tl.dot(left, right)", 'tl.dot(left, right, input_precision="ieee")')
    assert not any(d.code == "tf32" for d in build(adapter, exact).diagnostics)
    half = Case(MATMUL.reference.replace("90)", "90).half()").replace("50)", "50).half()"),
                MATMUL.kernel, MATMUL.launch)  # fmt: skip
    assert not any(d.code == "tf32" for d in build(adapter, half).diagnostics)


def test_more_programs_than_the_interpreter_can_run_are_unverified(adapter: TritonAdapter):
    many = ADD.launched("BLOCK = 256", "BLOCK = 16").launched("ceildiv(n, BLOCK)", "n * 20")
    built = build(adapter, many)
    assert (
        built.failed is None
        and "one program after another, and these are 42000" in built.unverified
    )
    assert build(adapter, many, "cuda:7").unverified.startswith("there is no CUDA device")


def test_what_a_mask_leaves_out_of_a_reduction_is_noted(adapter: TritonAdapter):
    assert not any(d.code == "other" for d in build(adapter, SOFTMAX).diagnostics)
    built = build(adapter, SOFTMAX.changed(', other=-float("inf")', ""))
    assert [d.line for d in built.diagnostics if d.code == "other"] == [14]


def test_it_is_compiled_at_the_sizes_of_the_first_workload_that_is_not_hidden(
    adapter: TritonAdapter,
):
    hidden, shown = (Workload(n, {}, {"N": size}, frozenset({use})) for n, size, use in (
        ("h", 9000, "hidden"), ("s", 40, "feedback"),
    ))  # fmt: skip
    task = replace(task_of(SOFTMAX), workloads=(hidden, shown))
    wide = adapter.build(replace(task, workloads=(hidden,)), candidate_of(SOFTMAX), "cpu")
    narrow = adapter.build(task, candidate_of(SOFTMAX), "cpu")
    registers = "sm_90 softmax registers"
    assert narrow.counters[registers].value < wide.counters[registers].value


VALUE = "tl.load(x + i, mask=mask)"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (BFLOAT, "bfloat16"),
        (ADD.changed(VALUE, f"{VALUE}.to(tl.bfloat16).to(tl.float32)"), "bfloat16"),
        (ADD.changed(VALUE, f"{VALUE}.to(tl.float8e5).to(tl.float32)"), "fp8"),
        (
            ADD.changed(
                VALUE,
                f"tl.inline_asm_elementwise('mov.b32 $0, $1;', '=r,r', [{VALUE}], "
                "dtype=tl.float32, is_pure=True, pack=1)",
            ),
            "inline assembly",
        ),
        (
            ADD.changed(VALUE, f"libdevice.lgamma({VALUE})").changed(
                HEAD, HEAD + "from triton.language.extra import libdevice\n"
            ),
            "libdevice.lgamma",
        ),
        (
            ADD.changed("mask = i < n", "mask = i < n\n    t = tl.extra.cuda.globaltimer()"),
            "triton.language.extra",
        ),
        (
            ADD.changed(
                "mask = i < n",
                "mask = i < n\n    while tl.atomic_add(out, 0.0) > 1e30:\n        pass",
            ),
            "one program after another",
        ),
    ],
)
def test_what_the_interpreter_cannot_do_is_unverified_and_never_wrong(
    case: Case, said: str, adapter: TritonAdapter
):
    built = build(adapter, case)
    assert built.failed is None, built.diagnostics
    assert said in built.unverified and built.unverified.startswith("the interpreter ")
    assert any(n.startswith("sm_90") for n in built.counters)


def test_a_reference_that_needs_its_numbers_is_noted_and_still_checked(adapter: TritonAdapter):
    odd = Case(
        BOTH.reference.replace("(x.max(dim=1).values", "x[x > 0].sum(), (x.max(dim=1).values"),
        BOTH.kernel,
        BOTH.launch,
    )
    built = build(adapter, odd)
    assert built.failed is None
