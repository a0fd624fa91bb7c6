"""Verdicts on modules of torch, on the CPU, by real workers in a real sandbox."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.machine import cores_used
from kernelgepa.task import ModuleReference
from kernelgepa.verdict import Stage
from tests.measured.problems import GATE, INTEGERS, LENGTHS, RELU, Judged, codes, seed, task

CALL = "return torch.softmax"


def test_the_reference_itself_is_correct_and_timed(of: Judged):
    found = of(GATE, seed(GATE))
    assert found.correct
    (workload,) = found.workloads
    timing = workload.timing
    assert timing is not None and timing.low < timing.speedup < timing.high
    assert timing.device == "cpu" and timing.seconds > 0 and timing.blocks >= 3
    assert workload.cost is not None and workload.cost.tag == "measured"
    assert workload.labels == ()


def test_integers_and_booleans_keep_their_type(of: Judged):
    assert of(INTEGERS, seed(INTEGERS)).correct
    wrong = of(INTEGERS, seed(INTEGERS).replace("(x > 0)", "(x > 0).float()"))
    assert codes(wrong) == ["dtype"]


def test_inputs_may_be_of_8_bits_and_all_the_same(of: Judged):
    assert of(LENGTHS, seed(LENGTHS)).correct
    assert not of(LENGTHS, seed(LENGTHS).replace("x.float() *", "x.float().relu() *")).correct


@pytest.mark.parametrize(
    ("change", "stage", "code"),
    [
        ((" + self.shift", ""), Stage.COMPARE, ""),
        ((CALL, "x.mul_(2); return torch.softmax"), Stage.COMPARE, "input-changed"),
        ((CALL, "return torch.zeros_like(x)\n        return torch.softmax"), Stage.COMPARE, ""),
        ((CALL, "return x.shape\n        return torch.softmax"), Stage.COMPARE, "not-a-tensor"),
        ((CALL, "return x[:, :3]\n        return torch.softmax"), Stage.COMPARE, "shape"),
        (("dim=-1)", "dim=-1).t().contiguous().t()"), Stage.COMPARE, "layout"),
        (("dim=-1)", "dim=-1).half().float()"), Stage.COMPARE, "precision"),
        ((CALL, "raise ValueError('no')\n        return torch.softmax"), Stage.RUN, "error"),
        ((CALL, "import os; os._exit(0)\n        return torch.softmax"), Stage.RUN, "crashed"),
        ((CALL, "raise SystemExit(0)\n        return torch.softmax"), Stage.RUN, "exited"),
        (("class ModelNew", "class ModelOld"), Stage.COMPILE, "no-class"),
        (("class ModelNew", "class ModelNew ModelNew"), Stage.COMPILE, ""),
        (
            (CALL, "torch.set_float32_matmul_precision('medium'); return torch.softmax"),
            Stage.COMPARE,
            "policy-precision",
        ),
        (
            ("\nclass ModelNew", "torch.backends.cudnn.allow_tf32 = True\n\n\nclass ModelNew"),
            Stage.COMPARE,
            "policy-precision",
        ),
    ],
)
def test_what_is_wrong_is_named(of: Judged, change: tuple[str, str], stage: Stage, code: str):
    found = of(GATE, seed(GATE).replace(*change))
    assert found.stage is stage and not found.correct
    assert code in codes(found) or (not code and (found.workloads[0].mismatches or codes(found)))


SELECTED = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, state):
        return x[:, x[0] > 9], x + state["h"][1]


def get_inputs():
    return [torch.rand(8, 16), {"h": [torch.rand(16), torch.rand(16)]}]


def get_init_inputs():
    return []
"""


def test_an_empty_output_has_no_layout(of: Judged):
    source = seed(SELECTED).replace("[:, x[0] > 9]", ".t()[x[0] > 9].t()")
    assert of(SELECTED, source).correct


def test_the_input_written_to_has_its_name(of: Judged):
    source = seed(SELECTED).replace("x + state", "x + state['h'][1].mul_(2) / 2 + 0 * state")
    assert "it writes to its inputs (state['h'][1])" in [
        d.message for w in of(SELECTED, source).workloads for d in w.diagnostics
    ]


def test_more_cores_than_the_reference_has_are_not_taken(of: Judged):
    source = seed(GATE).replace(
        "\nclass ModelNew",
        "import os\nos.sched_setaffinity(0, range(os.cpu_count()))\n\n\nclass ModelNew",
    )
    found = of(GATE, source)
    assert ("policy-precision" in codes(found)) is (
        set(range(os.cpu_count() or 1)) != set(cores_used())
    )


def test_a_setting_that_the_reference_makes_is_no_change(of: Judged):
    change = (CALL, "torch.set_float32_matmul_precision('high'); return torch.softmax")
    code = GATE.replace(*change)
    assert code != GATE
    assert of(code, seed(code)).correct


def test_the_line_of_an_error_is_the_candidates_own(of: Judged):
    source = seed(GATE).replace(CALL, "x.no_such_thing()\n        return torch.softmax")
    (note,) = of(GATE, source).workloads[0].diagnostics
    line = next(i for i, text in enumerate(source.splitlines(), 1) if "no_such_thing" in text)
    assert note.line == line and "no_such_thing" in note.message


def test_outputs_kept_from_an_earlier_call_are_stale(of: Judged):
    keep = (
        "if not hasattr(self, 'kept'):\n            self.kept = self.lin(x)\n"
        "        return torch.softmax"
    )
    source = seed(GATE).replace(CALL, keep).replace("gelu(self.lin(x)", "gelu(self.kept")
    assert "stale" in codes(of(GATE, source))


def test_a_single_number_is_no_degenerate_answer(of: Judged):
    code = GATE.replace("dim=-1)", "dim=-1).square().mean()").replace(
        "[torch.rand(m, n)]", "[torch.rand(m, n) * 9 * torch.rand(())]"
    )
    found = of(code, seed(code))
    assert found.correct
    assert not found.workloads[0].labels


def test_a_task_that_accepts_a_copy_is_degenerate(judge: ModuleJudge):
    code = RELU.replace("torch.relu(x)", "x + x.sqrt() * 0")
    small = replace(task(code), reference=ModuleReference(code, "shrunk 2x: n 8192 -> 4096"))
    found = judge.whole(small, Candidate.kernel(seed(code)))
    assert found.correct
    first, second = found.workloads[0].labels
    assert (first, second.partition(":")[0]) == ("shrunk 2x: n 8192 -> 4096", "degenerate")


@pytest.mark.parametrize("body", ["torch.relu(x)", "nn.functional.hardtanh(x)", "x.abs()"])
def test_inputs_get_signs_where_a_copy_would_pass_without(of: Judged, body: str):
    code = RELU.replace("torch.relu(x)", body)
    found = of(code, seed(code))
    assert found.correct
    (label,) = found.workloads[0].labels
    assert label.startswith("signed")
    # Right for all that get_inputs gives, and by the look of one number for half of the others.
    lazy = seed(code).replace(f"return {body}", f"return x.clone() if x[0] >= 0 else {body}")
    assert not of(code, lazy).correct


def test_work_beside_the_timed_calls_is_seen(of: Judged):
    """The clock is the candidate's own: it says that calls take no time."""
    source = seed(GATE).replace(
        "\nclass ModelNew",
        "import kernelgepa.measured.clocked as clocked\n"
        "clocked._clock = lambda: 0.0\n\n\nclass ModelNew",
    )
    found = of(GATE.replace("n = 96", "n = 512").replace("m = 64", "m = 512"), source)
    timing = found.workloads[0].timing
    # Where a busy machine leaves room for doubt, what was hidden is added to the time.
    assert codes(found) == ["clock"] or (timing is not None and not timing.win)


def test_right_when_looked_at_and_wrong_when_timed(of: Judged):
    source = seed(GATE).replace(
        CALL,
        "import sys\n"
        "        frame = sys._getframe()\n"
        "        while frame is not None:\n"
        "            if frame.f_code.co_name == '_run':\n"
        "                return torch.zeros_like(x)\n"
        "            frame = frame.f_back\n"
        "        return torch.softmax",
    )
    assert codes(of(GATE, source)) == ["timed-wrong"]


def test_a_reference_that_is_random_is_refused(of: Judged):
    code = GATE.replace("dim=-1)", "dim=-1) * torch.rand(1)")
    with pytest.raises(InputError, match="nondeterministic"):
        of(code, seed(GATE))


def test_a_reference_that_fails_is_refused_in_one_sentence(of: Judged):
    code = GATE.replace(CALL, "raise RuntimeError('broken')\n        return torch.softmax")
    with pytest.raises(InputError, match="broken") as caught:
        of(code, seed(GATE))
    assert "\n" not in str(caught.value)


def test_rejudging_draws_other_inputs(judge: ModuleJudge):
    first = judge.rejudge(task(RELU), Candidate.kernel(seed(RELU)))
    assert first.correct and first.workloads[0].timing is not None


PRODUCT = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, y):
        return torch.relu(x @ y)


n = 512


def get_inputs():
    return [0.1 * torch.randn(n, n), 0.1 * torch.randn(n, n)]


def get_init_inputs():
    return []
"""


def test_what_a_reference_needs_at_least_is_known_and_below_its_time(of: Judged):
    found = of(PRODUCT, seed(PRODUCT))
    timing = found.workloads[0].timing
    assert found.correct and timing is not None
    assert timing.floor_seconds is not None
    assert "s at least to move" in timing.floor_reason or "operations" in timing.floor_reason
    assert 1e-6 < timing.floor_seconds < min(timing.seconds, timing.reference_seconds)


DEEP = """
import torch
class Model(torch.nn.Module):
    def forward(self, a, b):
        return a @ b
def get_inputs():
    return [torch.randn(32, 4096), torch.randn(4096, 48)]
def get_init_inputs():
    return []
"""
IN_ORDER = """
import torch
class ModelNew(torch.nn.Module):
    def forward(self, a, b):
        out = torch.zeros(a.shape[0], b.shape[1])
        for k in range(a.shape[1]):
            out.addr_(a[:, k], b[k])
        return out
"""


def test_a_long_sum_in_plain_order_is_correct(judge: ModuleJudge):
    assert judge.whole(task(DEEP), Candidate.kernel(IN_ORDER)).correct


def test_a_long_sum_without_one_product_is_wrong(judge: ModuleJudge):
    short = IN_ORDER.replace("range(a.shape[1])", "range(a.shape[1] - 1)")
    assert not judge.whole(task(DEEP), Candidate.kernel(short)).correct


def test_of_a_failed_build_the_compilers_errors_are_said(of: Judged):
    output = (
        "Error building extension 'k': [1/2] c++ -MMD " + "-I/include " * 300 + "\\n"
        "main.cpp:5:10: error: expected ';' before '}' token\\n    5 |     x }\\n"
        "ninja: build stopped: subcommand failed."
    )
    source = seed(GATE).replace(
        CALL, f'raise RuntimeError("{output}")\n        return torch.softmax'
    )
    (note,) = of(GATE, source).workloads[0].diagnostics
    assert note.message.startswith("RuntimeError: Error building extension 'k'")
    assert "main.cpp:5:10: error: expected ';' before '}' token" in note.message
    assert "ninja" not in note.message
    assert note.source == "x }"


def test_of_a_call_that_nvcc_refuses_the_types_and_the_line_are_said(of: Judged):
    output = (
        "Error building extension 'k': [1/2] nvcc\\n"
        'cuda.cu(7): error: no instance of overloaded function \\"atomicAdd\\" matches\\n'
        "            argument types are: (__half *, float)\\n"
        "    atomicAdd(&y[i], 1.0f);\\n    ^\\n\\n1 error detected."
    )
    source = seed(GATE).replace(
        CALL, f'raise RuntimeError("{output}")\n        return torch.softmax'
    )
    (note,) = of(GATE, source).workloads[0].diagnostics
    assert note.message.endswith("matches\nargument types are: (__half *, float)")
    assert note.source == "atomicAdd(&y[i], 1.0f);"


def test_of_a_command_that_failed_what_it_printed_is_said(of: Judged):
    build = (
        "import subprocess, tempfile; place = tempfile.mkdtemp() + '/slow.cpp'; "
        "open(place, 'w').write('int f() { return missing; }'); "
        "subprocess.run(['g++', '-c', place, '-o', place + '.o'], check=True, capture_output=True)"
    )
    source = seed(GATE).replace(CALL, f"{build}\n        return torch.softmax")
    (note,) = of(GATE, source).workloads[0].diagnostics
    assert "CalledProcessError" in note.message
    assert "slow.cpp:1:18: error: ‘missing’ was not declared" in note.message
    assert "kernelgepa-pool" not in note.message


@pytest.mark.parametrize(
    "lie",
    [
        '"weights" in head and head.update(inputs=None)',
        '"weights" in head and head.update(weights=5)',
        '"operations" in head and head.update(operations={"aten.mm": None})',
        '"host" in head and head.update(host=[1e300] * len(head["host"]))',
        '"host" in head and head.update(digests=["x"] * len(head["host"]))',
    ],
)
def test_an_answer_that_makes_no_sense_is_the_candidates_fault(of: Judged, lie: str):
    brings = "import ctypes\n" if "operations" in lie else ""  # of others they are not asked for
    source = seed(GATE).replace(
        "\nclass ModelNew",
        f"{brings}import kernelgepa.measured.wire as wire\n"
        "pack = wire.pack\n"
        "def packed(head, blobs=None):\n"
        f"    {lie}\n"
        "    return pack(head, blobs)\n"
        "wire.pack = packed\n\n\nclass ModelNew",
    )
    assert codes(of(GATE, source)) == ["forged"]


def test_parameters_that_are_not_held_as_they_are_get_a_label(of: Judged):
    made = "w, self.b = self.lin.weight.detach(), self.lin.bias.detach()\n        del self.lin\n"
    source = seed(GATE).replace(
        "        self.shift",
        f"        {made}        self.w = w.t().contiguous()\n        self.shift",
    )
    found = of(GATE, source.replace("self.lin(x)", "(x @ self.w + self.b)"))
    assert found.correct
    (label,) = found.workloads[0].labels
    assert label.startswith("prepared: it holds 1 of the reference's 3 parameters")


FOR_ONE_SIZE = """
import torch
class ModelNew(torch.nn.Module):
    def forward(self, a, b):
        return a @ b if a.shape[0] == 32 else a @ b * 2
"""


def confirmed(judge: ModuleJudge, source: str) -> list[str]:
    code = DEEP.replace("torch.randn(32,", "torch.randn(rows,").replace(
        "def get_inputs", "rows = 32\ndef get_inputs"
    )
    found = judge.rejudge(task(code), Candidate.kernel(source))
    assert found.correct
    return [label for w in found.workloads for label in w.labels]


def test_a_winner_that_is_wrong_at_other_shapes_is_labelled(judge: ModuleJudge):
    assert any(label.startswith("specialised: ") for label in confirmed(judge, FOR_ONE_SIZE))


def test_a_winner_that_is_right_at_other_shapes_is_not(judge: ModuleJudge):
    general = FOR_ONE_SIZE.replace(" if a.shape[0] == 32 else a @ b * 2", "")
    assert not any("specialised" in label for label in confirmed(judge, general))
