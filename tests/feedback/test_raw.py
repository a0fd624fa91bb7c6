"""What tools print, as it is: the cause is found among commands, frames and notes."""

from __future__ import annotations

import pytest

from kernelgepa import tasks
from kernelgepa.feedback import raw
from kernelgepa.feedback.manual import answers
from kernelgepa.feedback.tables import hints
from kernelgepa.verdict import Diagnostic, Stage, Verdict, WorkloadVerdict
from tests.feedback.telling import told

TRACE = """Traceback (most recent call last):
  File "/home/u/bench.py", line 61, in <module>
    scale_kernel[grid](x, out, n, BLOCK=96)
  File "/usr/lib/python3.11/site-packages/triton/runtime/jit.py", line 390, in <lambda>
    return lambda *args, **kwargs: self.run(grid=grid, warmup=False, *args, **kwargs)
                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
CAUGHT = """triton.compiler.errors.CompilationError: at 5:11:
def scale_kernel(x_ptr, out_ptr, n, BLOCK: tl.constexpr):
    start = tl.program_id(0) * BLOCK
    offs = start + tl.arange(0, BLOCK)
                   ^
ValueError("arange's range must be a power of 2")"""
NINJA = """RuntimeError: Error building extension 'rows': [1/2] /usr/bin/nvcc -DX -c rows.cu
FAILED: cuda.cuda.o
/usr/local/cuda/bin/nvcc -D__CUDA_NO_HALF_CONVERSIONS__ --expt-relaxed-constexpr -c rows.cu
/root/x/rows.cu(18): error: identifier "row" is undefined
      if (row < rows) {
          ^

/root/x/rows.cu(25): error: no operator "+" matches these operands
            operand types are: float4 + float4
      a + b;
        ^
2 errors detected in the compilation of "/root/x/rows.cu".
ninja: build stopped: subcommand failed."""
ASYNC = """RuntimeError: CUDA error: invalid argument
CUDA kernel errors might be asynchronously reported at some other API call.
For debugging consider passing CUDA_LAUNCH_BLOCKING=1
Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions."""
OVERLOAD = """k.cu(3): error: no instance of overloaded function "atomicAdd" matches the arguments
            argument types are: (__half *, float)
      atomicAdd(out + row, acc);
      ^"""
HEADER = """/aie_api/vector.hpp:211:5: error: static assertion failed: Vector size is not supported
  211 |     static_assert(is_valid_size());
      |     ^
kernel.cc:9:24: note: in instantiation of template class 'aie::vector<short, 24>' requested here
    9 |     aie::vector<int16_t, 24> v = aie::load_v<24>(a);
      |                        ^"""  # fmt: skip


def test_a_traceback_is_its_last_exception_and_the_line_of_its_own_frame() -> None:
    (found,) = raw.told(Diagnostic(TRACE + "ValueError: a\nb"))
    assert found.message == "ValueError: a\nb"
    assert found.source == "scale_kernel[grid](x, out, n, BLOCK=96)"


def test_of_triton_the_line_above_the_caret_is_the_source() -> None:
    (found,) = raw.told(Diagnostic(TRACE + CAUGHT))
    assert found.message == 'ValueError("arange\'s range must be a power of 2")'
    assert found.source == "offs = start + tl.arange(0, BLOCK)"


def test_of_a_build_every_error_is_told_with_its_types_and_line() -> None:
    first, second = raw.told(Diagnostic(NINJA))
    head = "RuntimeError: Error building extension 'rows': \n"
    assert first.message.startswith(head.replace(" \n", "\n"))
    assert first.message.endswith('error: identifier "row" is undefined')
    assert first.source == "if (row < rows) {"
    assert "(operand types are: float4 + float4)" in second.message
    assert second.source == "a + b;"


def test_a_header_s_error_has_the_line_that_asked_for_it() -> None:
    (found,) = raw.told(Diagnostic(HEADER))
    assert found.source == "aie::vector<int16_t, 24> v = aie::load_v<24>(a);"


def test_an_exception_that_only_says_where_has_the_reason_of_the_one_before() -> None:
    outer = TRACE + CAUGHT.rpartition("\n")[0] + "\n"
    inner = f"{TRACE}ValueError: invalid axis 1. Expected -1 <= axis < 1\n\n"
    chain = (
        f"{inner}The above exception was the direct cause of the following exception:\n\n{outer}"
    )
    (found,) = raw.told(Diagnostic(chain))
    assert found.message.strip() == "ValueError: invalid axis 1. Expected -1 <= axis < 1"
    assert found.source == "offs = start + tl.arange(0, BLOCK)"


def test_an_error_that_does_not_parse_is_not_explained_by_those_that_follow() -> None:
    said = 'k.cu(1): error: expected a ";"\n\nk.cu(2): error: linkage specification is not allowed'
    assert hints(Diagnostic(said), "cuda") == hints(Diagnostic(said.partition("\n")[0]), "cuda")
    vague = (
        'k.cu(1): error: identifier "w" is undefined\nk.cu(2): error: identifier "_syncthreads" is '
    )
    told = hints(Diagnostic(f"{vague}undefined"), "cuda")
    assert "barriers are" in told[0]
    assert "called w" in told[1]


def test_names_of_files_are_no_message() -> None:
    said = 'soft/half_race_ptxas.cu(1): error: identifier "w" is undefined\n  w;\n  ^'
    assert hints(Diagnostic(said), "cuda") == hints(
        Diagnostic('identifier "w" is undefined'), "cuda"
    )


def test_one_line_is_left_as_it_is() -> None:
    note = Diagnostic("no member named 'exp' in namespace 'aie'", source="auto e = aie::exp(v);")
    assert raw.told(note) == (note,)


@pytest.mark.parametrize(
    ("target", "said", "section", "words", "never"),
    [
        ("triton", TRACE + CAUGHT, "triton-arange", "powers of two", "*args"),
        ("torch", NINJA, "cuda-index", "never declared", "host API"),
        ("cuda", ASYNC, "cuda-invalid-launch", "1024 threads", "assert"),
        ("cuda", OVERLOAD, "cuda-atomics", "half and bfloat16", "only integers"),
        ("npu-sim", HEADER, "vector-size", "128, 256, 512", "static_assert"),
    ],
)
def test_what_tools_print_is_answered(
    target: str, said: str, section: str, words: str, never: str
) -> None:
    note = Diagnostic(said)
    assert answers(note, target)[0].id == section
    told = hints(note, target)
    assert any(words in hint for hint in told)
    assert not any(never in hint for hint in told)


def test_a_proposer_is_shown_the_errors_and_not_what_the_tool_prints_around_them() -> None:
    task = tasks.load("layer_norm")
    raised = Diagnostic(NINJA, code="error")
    run = WorkloadVerdict(task.workloads[0].name, Stage.RUN, 0.0, (raised,))
    text = told(task, Verdict("x", task.name, (run,))).text.partition("## From the handbook")[0]
    assert 'error: identifier "row" is undefined' in text
    assert "      if (row < rows) {" in text
    assert "float4 + float4" in text
    assert text.count("Error building extension") == 1
    for noise in ("nvcc", "FAILED", "ninja", "detected"):
        assert noise not in text


def test_a_proposer_is_shown_a_line_once() -> None:
    task = tasks.load("softmax_triton")
    note = Diagnostic(CAUGHT, line=4, source="offs = start + tl.arange(0, BLOCK)")
    run = WorkloadVerdict(task.workloads[0].name, Stage.COMPILE)
    text = told(task, Verdict("x", task.name, (run,), (note,))).text.partition("## From")[0]
    assert text.count("offs = start") == 1
    assert "error, line 4: ValueError(" in text
