"""What the process imports that all workers are forked from: worker.py, which has been used once.

What is slow at its first use (pages that torch's libraries lie in, what Python looks up, memory)
is then there in every process that is forked: a small module begins in half the time.
"""

from __future__ import annotations

from typing import Any

import torch

from kernelgepa.measured import modules, wire, worker
from kernelgepa.measured.room import order_of
from kernelgepa.measured.seat import FIRST, Which

serve = worker.serve
LOADERS = (modules,)  # of candidates: else each process of one would import it

# Of no importance but that it does what most modules do, on little.
_PROBLEM = """
import torch
from torch import nn
from torch.nn import functional as F


class Model(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.dense = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)

    def forward(self, x):
        return F.relu(self.norm(self.dense(x)))


def get_inputs():
    return [torch.randn(8, 64)]


def get_init_inputs():
    return [64]
"""


def _rehearsed() -> None:
    # Threads of a pool would not be there after a fork, and waited for: one does all.
    torch.set_num_threads(1)
    order: dict[str, Any] = order_of("", _PROBLEM, "cpu", True, 3, lambda: 1)
    order |= {"cores": [], "threads": 1}
    one, mixed = (w.plain() for w in (FIRST, Which(0, 1, 5, 1.0, 1, 2, 0.5)))
    said = {"do": "call", "of": mixed, "outputs": []}
    run = {"do": "run", "calls": [mixed, one], "together": False, "flushes": 0}
    run |= {"weights": None, "base": None, "only": []}
    messages = (
        {"do": "begin", **order}, said, {**said, "do": "exact"}, run,
        {"do": "show", "calls": [0]}, {"do": "forget"},
    )  # fmt: skip
    for message in messages:
        serve(wire.pack(message))


_rehearsed()
