"""What a machine's memory holds of a problem, before any of it is judged."""

from __future__ import annotations

import numpy as np

from kernelgepa.measured.machine import memory_bytes
from kernelgepa.measured.room import Room, too_much
from tests.measured.problems import RELU, task


def test_outputs_that_would_fill_all_memory_are_refused_with_the_figures():
    given = task(RELU)
    room = Room(given, given.workloads[0], {}, np.random.default_rng(1), ())
    spec = {"dtype": "float32", "strides": [1]}
    room.specs = [{**spec, "shape": [memory_bytes() // 4 // 64]}]
    assert too_much(room, 6) == ""
    room.specs = [{**spec, "shape": [memory_bytes() // 4 // 16]}]
    assert "processes hold its inputs and outputs" in (said := too_much(room, 6))
    assert f"this machine has {memory_bytes() / 2**30:.0f} GiB" in said
