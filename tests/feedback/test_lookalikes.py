"""Messages that look like others and mean something else: no hint says what is false of them."""

from __future__ import annotations

import pytest

from kernelgepa.feedback.tables import hints
from kernelgepa.verdict import Diagnostic


@pytest.mark.parametrize(
    ("target", "said", "never"),
    [
        ("cuda", 'k.cu(4): error: identifier "log_sum" is undefined', "functions of float"),
        ("cuda", 'k.cu(4): error: identifier "absmax" is undefined', "functions of float"),
        ("cuda", 'k.cu(4): error: identifier "hazard_count" is undefined', "two threads"),
        ("cuda", 'k.cu(4): error: identifier "deadlock" is undefined', "does not end"),
        ("cuda", "ptxas info    : 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads",
         "do not fit into registers"),
        ("cuda", "k.cu(8): error: expected an identifier\n  int new = 3;\n      ^", "missing ';'"),
        ("cuda", "ptxas error   : Instruction 'shfl' without '.sync' is not supported on .target "
         "sm_70 and higher from PTX ISA version 6.4", "needs a newer device"),
        ("triton", "at 9:10:\n    acc = libdevice_out + 1\n          ^\n"
         "NameError('libdevice_out is not defined')", "from triton.language.extra"),
        ("torch", "KeyError: 'batch_size'", "as many rows"),
        ("torch", "ValueError: hidden_size must be positive, got -1", "num_heads"),
        ("torch", "FileNotFoundError: [Errno 2] No such file or directory: 'nvcc'", "tempfile"),
        ("cuda", "========= Invalid __global__ read of size 16 bytes\n========= Address 0x14 is "
         "misaligned", "outside a buffer"),
        ("cuda", 'class "cooperative_groups::thread_block" has no member "grid_sync"', "float2"),
        ("cuda", 'class "Tile" has no member "widht"', "threadIdx"),
        ("torch", "NameError: name 'fork_join' is not defined", "no processes"),
        ("torch", "RuntimeError: Input type (torch.FloatTensor) and weight type "
         "(torch.cuda.FloatTensor) should be the same", "different types"),
        ("torch", "AttributeError: 'ModelNew' object has no attribute 'running_var'", "batch norm"),
        ("torch", "TypeError: ModelNew.__init__() missing 1 required positional argument: "
         "'kernel_size'", "pooling"),
        ("torch", "k.cpp:3:7: error: ‘collapse_dim’ was not declared in this scope", "collapse(2)"),
        ("npu-sim", "use of undeclared identifier 'upsample'", "first AI Engine"),
        ("npu-sim", "use of undeclared identifier 'acc_rows'", "accumulators are"),
        ("npu-sim", "use of undeclared identifier 'lock_count'", "locks"),
        ("npu-sim", "kernel.cc:3:7: warning: unused variable 'lanes'", "128, 256"),
    ],
)  # fmt: skip
def test_no_rule_answers_what_only_looks_alike(target: str, said: str, never: str) -> None:
    assert not any(never in hint for hint in hints(Diagnostic(said), target))


@pytest.mark.parametrize(
    ("target", "said", "words"),
    [
        ("cuda", 'k.cu(4): error: identifier "logsf" is undefined', "called logsf"),
        ("cuda", 'k.cu(4): error: identifier "fast_tanhf" is undefined', "functions of float"),
        ("cuda", 'k.cu(4): error: identifier "_syncthreads" is undefined', "barriers are"),
        ("cuda", "ptxas info    : 648 bytes stack frame, 1204 bytes spill stores", "registers"),
        ("cuda", "========= Error: Race reported [2048 hazards]", "two threads"),
        ("triton", "No module named 'triton.language.libdevice'", "from triton.language.extra"),
        ("torch", "ValueError: Expected input batch_size (32) to match target batch_size (16).",
         "as many rows"),
        ("torch", "FileNotFoundError: [Errno 2] No such file or directory: 'out/k.so'", "tempfile"),
        ("cuda", 'no instance of overloaded function "atomicAdd" matches the argument list '
         '(argument types are: (double *, const float, int))', "take two arguments"),
        ("cuda", 'argument of type "float" is incompatible with parameter of type "float *"',
         "an address is wanted"),
        ("cuda", 'k.cu(5): error: no instance of overloaded function "expf" matches the '
         "argument list\n            argument types are: (__nv_bfloat16)", "__bfloat162float"),
        ("torch", "RuntimeError: \nThe detected CUDA version (11.8) mismatches the version that "
         "was used to compile\nPyTorch (12.4).", "the machine's"),
        ("triton", "TypeError: kernel() missing 1 required positional argument: 'BLOCK'",
         "BLOCK=128"),
        ("npu-sim", "k.cc:9:7: error: expected ';' after expression\n    9 | chess_unroll_loop(4)",
         "between the head"),
        ("triton", "AttributeError(\"module 'triton.language' has no attribute 'make_block_ptr'\")",
         "no block pointers"),
        ("torch", "RuntimeError: Input type (torch.FloatTensor) and weight type "
         "(torch.cuda.FloatTensor) should be the same", "different devices"),
        ("torch", "RuntimeError: Input type (float) and bias type (c10::Half) should be the same",
         "different types"),
        ("npu-sim", "no viable conversion from 'aie::vector<int8, 32>' to 'aie::vector<int16, 32>'",
         "v.unpack()"),
        ("torch", "RuntimeError: running_mean should contain 8 elements not 4", "batch norm"),
        ("npu-sim", "use of undeclared identifier 'ups_to_v16acc32'", "from_vector"),
        ("npu-sim", "unknown type name 'acc16'", "accumulators are"),
        ("npu-sim", "use of undeclared identifier 'acquire_lock'", "locks"),
    ],
)  # fmt: skip
def test_those_that_are_meant_are_answered_still(target: str, said: str, words: str) -> None:
    assert any(words in hint for hint in hints(Diagnostic(said), target))
