"""Where the checkout is, and problems made of text."""

from __future__ import annotations

from pathlib import Path

from kernelgepa.kernelbench.problems import Problem, digest, find

CHECKOUT = Path(__file__).parent / "checkout"

PLAIN = """\
import torch
import torch.nn as nn


class Model(nn.Module):
    def forward(self, x):
        return x + 1


n = 64


def get_inputs():
    return [torch.rand(n, 3)]


def get_init_inputs():
    return []
"""


def problem(code: str, number: int = 1, level: int = 1, name: str = "") -> Problem:
    return Problem(level, number, name or f"{number}_made", code, digest(code), "made")


def ours(level: int, number: int) -> Problem:
    (found,) = find(f"kernelbench:{CHECKOUT}#L{level}/{number}").problems
    return found


def everything() -> tuple[Problem, ...]:
    return find(f"kernelbench:{CHECKOUT}").problems


def contract(inputs: str, init: str = "[]", model: str = "", top: str = "", setup: str = "") -> str:
    """A module in the contract from its parts."""
    return (
        f"import math\nimport torch\nimport torch.nn as nn\n{top}\n\n"
        f"class Model(nn.Module):\n    {model or 'def forward(self, *x): return x[0]'}\n\n"
        f"def get_inputs():\n    {setup or 'pass'}\n    return {inputs}\n\n"
        f"def get_init_inputs():\n    return {init}\n"
    )
