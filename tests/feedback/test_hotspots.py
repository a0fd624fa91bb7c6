"""What is said of where a measured kernel's time goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernelgepa import tasks
from kernelgepa.feedback.hotspots import row, sentence, tool
from kernelgepa.verdict import Hotspot, Stage, TimeProfile, Timing, Verdict, WorkloadVerdict
from tests.feedback.telling import told

FIGURES = {"registers": 32.0, "occupancy": 47.6, "sm_throughput": 12.0, "memory_throughput": 81.0}
COPY = Hotspot("copy", 2.0, 8e-6, 0.8, (64, 1, 1), (256, 1, 1), FIGURES)
ADD = Hotspot("add", 1.0, 2e-6, 0.2)
REASON = "3.35e+12 bytes/s needs 2e-06 s at least to move 1e+06 bytes (modelled)"


def timing(seconds: float, device: str = "cuda:0") -> Timing:
    return Timing(1e-4, seconds, 2.0, 1.9, 2.1, 0.01, 5, device, 2e-6, REASON)


def test_the_costliest_kernel_and_what_bounds_it():
    said = sentence(TimeProfile("ncu", "", 1e-5, (COPY, ADD)), timing(1.1e-5))
    assert said.startswith("80 % of the GPU's time of a call (8 us of 10 us) is spent in copy; ")
    assert "81 % of the memory's peak, 12 % of the multiprocessors': bound by memory" in said
    assert "moving its inputs and outputs once takes 18 % of the call (modelled)" in said
    assert "launches" not in said


@pytest.mark.parametrize(
    ("core", "memory", "bound"),
    [(80.0, 20.0, "bound by arithmetic"), (10.0, 20.0, "bound by latency")],
)
def test_what_counters_show(core: float, memory: float, bound: str):
    top = Hotspot("k", 1.0, 1e-5, 1.0, figures={"sm_throughput": core, "memory_throughput": memory})
    assert bound in sentence(TimeProfile("ncu", "", 1e-5, (top,)), timing(1e-5))


def test_a_gpu_that_waits_for_the_host_is_said_to():
    said = sentence(TimeProfile("torch.profiler", "", 1e-5, (COPY, ADD)), timing(5e-5))
    assert "its 3 kernels fill 20 % of a call of 50 us: the rest is launches" in said
    on_cpu = sentence(TimeProfile("torch.profiler", "", 1e-5, (COPY, ADD)), timing(5e-5, "cpu"))
    assert "launches" not in on_cpu and "GPU" not in on_cpu


def test_time_outside_of_operations_and_no_parts_at_all():
    outside = Hotspot("outside of torch's operations", 0.0, 1e-5, 1.0)
    said = sentence(TimeProfile("torch.profiler", "", 1e-5, (outside,)), timing(1e-5, "cpu"))
    assert "is spent outside of torch's operations" in said
    assert row(outside)["calls"] == "-"
    assert "nothing is known of its parts" in sentence(TimeProfile("events", "", 1e-5), None)
    assert sentence(TimeProfile(""), None) == "nothing is known of it."


def test_the_tool_and_why_no_better_one():
    refused = "ncu may not read the GPU's counters: ERR_NVGPUCTRPERM"
    assert tool(TimeProfile("torch.profiler", refused)) == f"measured, torch.profiler: {refused}"
    assert tool(TimeProfile("", note="no profile: it ended")).endswith(
        "no tool: no profile: it ended"
    )


def test_figures_of_a_row():
    assert row(COPY)["more"].startswith("grid 64x1x1, block 256x1x1, 32 registers, 48 % occupancy")


@pytest.mark.parametrize(
    ("figures", "seconds", "word", "section"),
    [
        ({**FIGURES, "local_requests": 900.0}, 1.1e-5, "spilled to local memory", "cuda-registers"),
        ({**FIGURES, "occupancy": 12.0}, 1.1e-5, "few warps fit", "cuda-occupancy"),
        ({**FIGURES, "memory_throughput": 20.0}, 1.1e-5, "waits for its own loads", "cuda-ilp"),
        (FIGURES, 5e-5, "waits for the host", "cuda-small"),
    ],
)
def test_what_a_profiler_counts_chooses_what_is_said_and_shown(
    figures: dict[str, float], seconds: float, word: str, section: str
):
    task = tasks.load("softmax_cuda")
    profile = TimeProfile("ncu", "", 1e-5, (replace(COPY, figures=figures), ADD))
    run = WorkloadVerdict(
        task.workloads[0].name, Stage.CORRECT, 1.0, timing=timing(seconds), time_profile=profile
    )
    found = told(task, Verdict("x", task.name, (run,)))
    assert word in found.text
    assert f"handbook:{section}" in found.citations
