"""Broken kernels are answered by the section about the cause, and a hint that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernelgepa.feedback.manual import answers
from kernelgepa.feedback.tables import hints
from kernelgepa.verdict import Diagnostic
from tests.rejections.test_rejections import compiled

from . import broken
from .test_messages import of_gcc, of_nvrtc, of_torch, of_triton


def of_clang(body: str) -> list[Diagnostic]:
    head = "#include <aie_api/aie.hpp>\nvoid k(int16_t *a, int16_t *b, int16_t *c) {\n"
    return list(compiled(f"{head}{body}\n}}\n").diagnostics)


MAKERS: dict[str, tuple[str, Callable[[str], list[Diagnostic]], broken.Cases]] = {
    "nvrtc": ("cuda", of_nvrtc, broken.CUDA),
    "triton": ("triton", of_triton, broken.TRITON),
    "torch": ("torch", of_torch, broken.TORCH),
    "gcc": ("torch", of_gcc, broken.GCC),
    "clang": ("npu-sim", of_clang, broken.NPU),
}


@pytest.mark.usefixtures("own_temporaries")
@pytest.mark.parametrize("maker", MAKERS)
def test_the_cause_is_named(maker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # compilers keep files where they are called
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path / "cache"))
    target, make, cases = MAKERS[maker]
    missed = []
    for name, (text, section, words) in cases.items():
        notes = [d for d in make(text) if d.severity == "error"]
        assert notes, f"{name} is accepted"
        found, said = answers(notes[0], target), hints(notes[0], target)
        if found[0].id != section or (not any(words in h for h in said) and words):
            missed.append((name, notes[0].message[:200], [s.id for s in found], said))
    assert missed == []


@pytest.mark.usefixtures("own_temporaries")
def test_a_helper_without_jit_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    (note,) = of_triton("tl.store(x_ptr, 1.0)\ntl.store(x_ptr, helper(n))")
    assert note.source == "tl.store(x_ptr, helper(n))"
    assert note.message.endswith("Unsupported function referenced: helper")


def test_a_vague_rule_is_silent_where_another_speaks() -> None:
    note = Diagnostic('identifier "half" is undefined')
    assert [h for h in hints(note, "cuda") if "nothing called" in h] == []
    assert [h for h in hints(Diagnostic('identifier "q" is undefined'), "cuda") if "called q" in h]


def test_a_rule_on_the_line_needs_the_line() -> None:
    said = "invalid operands to binary expression ('vector<int8_t, 32>' and 'int')"
    quotient = Diagnostic(said, source="auto q = v / 3;")
    product = Diagnostic(said, source="auto q = v ^ 3;  // v / 3")
    assert any("operator /" in h for h in hints(quotient, "npu-sim"))
    assert not any("operator /" in h for h in hints(product, "npu-sim"))


def test_a_section_that_only_shares_words_is_no_filler() -> None:
    twice = Diagnostic('declaration is incompatible with previous "tile" (declared at line 4)')
    assert [s.id for s in answers(twice, "cuda")] == ["cuda-dynamic-shared"]
    nothing_else = answers(Diagnostic("an error of a kernel that no one has seen"), "cuda")
    assert len(nothing_else) == 1


@pytest.mark.parametrize(
    ("said", "section", "words"),
    [
        ("Error building extension 'e': \ncuda.cu(7): error: identifier \"col\" is undefined",
         "cuda-index", "never declared"),
        ("Error building extension 'e': \ncuda.cu(9): error: identifier \"AT_DISPATCH_ALL\" is "
         "undefined", "torch-load-inline", "cuda_sources"),
        ("triton.compiler.errors.CompilationError: at 3:8:\n    y = tl.load(n)\n        ^\n"
         "ValueError('Unsupported ptr type triton.language.int64 in `tl.load`')",
         "triton-pointers", "block of pointers"),
        ("CUDA error: misaligned address", "cuda-misaligned", "multiple of its size"),
        ("Error building extension 'e'\nmain.cpp:12:5: error: 'AT_DISPATCH_FLOATING_TYPES' was not "
         "declared in this scope", "torch-load-inline", "extension.h"),
        ("Error building extension 'e'\nmain.cpp:12:5: error: no matching function for call to "
         "'at::Tensor::data_ptr<__half>() const'", "torch-load-inline", "at::Half"),
        ("CUDA error: operation not permitted when stream is capturing", "torch-stale", "capture"),
        ("No available kernel. Aborting execution.", "torch-semantics", "backend"),
        ("Error building extension 'e': \nmain.cpp:4:9: error: cannot convert 'at::Tensor' to "
         "'float*' in initialization", "torch-load-inline", "data_ptr<float>()"),
    ],
)  # fmt: skip
def test_what_a_compiler_says_to_a_module_of_torch(said: str, section: str, words: str) -> None:
    note = Diagnostic(f"RuntimeError: {said}")
    found, told = answers(note, "torch"), hints(note, "torch")
    assert found[0].id == section
    assert any(words in h for h in told)
    assert not any(s.alone for s in found)
    assert not any("launch component" in h for h in told)


@pytest.mark.parametrize(
    ("said", "section", "words"),
    [
        ("no matching function for call to 'add'; candidate template ignored: constraints not "
         "satisfied; because 'is_valid_elem_op_v<vector<short, 32>, int>' evaluated to false",
         "elements", "int16_t(6)"),
        ("candidate template ignored: constraints not satisfied; because 'is_same_vector_v<"
         "vector<short, 32>, vector<signed char, 32> >' evaluated to false", "vector", "unpack"),
        ("no viable conversion from 'accum<acc32, 32U>' to 'vector<short, 32U>'",
         "to-vector", "to_vector"),
        ("constraints not satisfied for class template 'vector' [with T = double, N = 8]; because "
         "'double' does not satisfy 'ElemBaseType'", "elements", "no element type"),
        ("error: chess_prepare_for_pipelining used on a loop that is not the innermost loop",
         "pipelining", "innermost"),
        ("the kernel ran into code that must not be reached", "cxx-subset", "never changes"),
        ("the kernel changes its input a; inputs are only to be read", "memory-rules", "read-only"),
        ("a later call differs from the first: the kernel finds what an earlier call left in its "
         "static variables or in the core's modes", "memory-rules", "anew in each call"),
        ("non-void function does not return a value in all control paths", "cxx-syntax", "return"),
        ("stack size overflow: function 'k' needs 2304 bytes", "spills", "kilobyte"),
        ("use of undeclared identifier 'tanhf'", "library", "<cmath>"),
        ("use of undeclared identifier 'vmac'", "native-types", "aie::mac"),
        ("ld.lld: error: undefined symbol: __divsf3", "library", "reciprocal"),
        ("tmicgen: Error: unsupported operation for type 'double'", "elements", "0.5f"),
        ("assigning to 'v16bfloat16' (vector of 16 'bfloat16' values) from incompatible type "
         "'v16accfloat'", "native-types", "to_v16bfloat16"),
        ("vector operands do not have the same number of elements ('v64int8' and 'v32int16')",
         "native-types", "one type"),
        ("conflicting types for 'k'", "kernel-file", "defined twice"),
        ("non-type template argument is not a constant expression", "vector-size", "constexpr"),
        ("no matching function for call to 'load_v'; what stands in <> must be a constant "
         "expression", "vector-size", "constexpr"),
        ("call to 'abs' is ambiguous", "abs-neg", "fabsf"),
        ("call to 'lt' is ambiguous", "native-types", "no intrinsic lt"),
        ("use of overloaded operator '+' is ambiguous (with operand types 'aie::vector<short, 32>' "
         "and 'int')", "operators", "int16_t(1)"),
        ('Warning in "k.cc", line 20: (loop #3) has no lower bound, could not be pipelined',
         "pipelining", "chess_loop_range"),
        ("'alignas' attribute cannot be applied to types", "loop-macros", "before the type"),
        ("no viable conversion from 'aie::mmul<4, 8, 8, int8, int8>' to 'aie::vector<int8, 32>'",
         "mmul", "m.to_vector"),
        ("cannot initialize a variable of type 'v32int16 *' with an lvalue of type 'int16_t *'",
         "load", "reinterpret_cast"),
        ("member reference base type 'int16_t *' is not a structure or union", "cxx-syntax",
         "does not know its size"),
    ],
)  # fmt: skip
def test_what_other_compilers_of_the_core_say(said: str, section: str, words: str) -> None:
    note = Diagnostic(said)
    assert answers(note, "npu-sim")[0].id == section
    assert any(words in h for h in hints(note, "npu-sim"))


def test_a_kernel_of_another_name_is_told_which_one_is_called() -> None:
    source = "#include <aie_api/aie.hpp>\nvoid kernel(int16_t *a, int16_t *b, int16_t *c) {}\n"
    (note,) = compiled(source).diagnostics
    (said,) = hints(note, "npu-sim")
    assert "`void k(int16_t*, int16_t*, int16_t*)`" in said


@pytest.mark.parametrize(
    ("said", "source", "section", "words"),
    [
        ("unsupported AST node type: GeneratorExp", "", "triton-loops", "tl.sum"),
        ("nested function definition is not supported.", "", "triton-kernel", "helper"),
        ("Inconsistent return types: float32 and void", "", "triton-control-flow", "cast"),
        ("Triton Error [CUDA]: misaligned address", "", "triton-pointers", "16 bytes"),
        ("out of resource: threads, Required: 2048", "", "triton-warps", "at most 32"),
        ("simultaneous multiple comparison is not supported", "", "triton-masks", "at a time"),
        ("TypeError: Unrecognised keyword argument 'num_warp'", "", "triton-warps", "num_warps"),
        ("AttributeError(\"'NoneType' object has no attribute 'type'\")", "y = helper(x)",
         "triton-kernel", "without `return value`"),
        ("AssertionError: K must be even", "tl.static_assert(K % 2 == 0)", "triton-constexpr",
         "does not hold"),
    ],
)  # fmt: skip
def test_each_construct_of_python_has_its_own_answer(
    said: str, source: str, section: str, words: str
) -> None:
    note = Diagnostic(said, source=source)
    assert answers(note, "triton")[0].id == section
    assert any(words in h for h in hints(note, "triton"))
    assert not any("a small part of Python" in h for h in hints(note, "triton"))


def test_a_name_of_the_kernels_own_is_no_suggestion() -> None:
    kernel = "void k(int16_t *a, int16_t *b, int16_t *c) { aie::op_sine(aie::load_v<32>(a), 1); }"
    (note,) = compiled(f"#include <aie_api/aie.hpp>\nvoid opsine(int);\n{kernel}\n").diagnostics
    assert "did you mean 'opsine'" not in note.message
    assert "did you mean aie::op_" in note.message
    source = kernel.replace("aie::op_sine(aie::load_v<32>(a), 1)", "std::bitcasts(a)")
    (note,) = compiled(f"#include <aie_api/aie.hpp>\nvoid bitcast(int);\n{source}\n").diagnostics
    assert "bitcast'" not in note.message.replace("'bitcasts'", "")
