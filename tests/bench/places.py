"""A miniature checkout, and the command as a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.caches import warm
from tests.kernelbench.places import CHECKOUT

REFUSED = """\
import socket
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x


def get_inputs():
    return [torch.rand(4)]


def get_init_inputs():
    return []
"""


def miniature(root: Path) -> Path:
    """Two problems in their contract, and one that is refused."""
    level1, level2 = (root / "KernelBench" / f"level{n}" for n in (1, 2))
    for place in (level1, level2):
        place.mkdir(parents=True)
    shutil.copy(CHECKOUT / "KernelBench/level1/2_row_softmax.py", level1)
    shutil.copy(CHECKOUT / "KernelBench/level1/8_gate_chain.py", level2)
    (level2 / "7_fetches.py").write_text(REFUSED)
    return root


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    """`kernelgepa bench ...`, begun in a home of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", "bench", *words],
        env={**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(warm(home / "cache"))},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen[str], code: int = 0) -> str:
    """What it printed."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == code, out + err
    return out
