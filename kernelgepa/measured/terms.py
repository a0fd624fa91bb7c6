"""How many numbers a reference adds up for one of its results: what a sum that is made one by one
may be off grows with them. In the worker, by the names of aten.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

_SUM = re.compile(r"sum|mean|var|std|norm|loss|pool|dot|trace|entropy|dist")
_ALONG = frozenset({"cumsum", "logcumsumexp", "_softmax", "_log_softmax"})


def added(name: str, args: Any, given: Sequence[Any], made: Sequence[Any]) -> int:
    """By one operation; 1 where it adds up nothing."""
    first, out = given[0] if given else made[0], made[0]
    if name in ("mm", "bmm", "mv"):
        return int(first.shape[-1])
    if name in ("addmm", "baddbmm", "addmv"):
        return int(args[1].shape[-1])
    if name.endswith("convolution"):
        return math.prod(args[1].shape[1:])
    if name in _ALONG:
        return int(first.shape[args[1]]) if first.dim() else 1
    if name.endswith("layer_norm"):
        return math.prod(args[1])
    if name == "native_group_norm":
        return int(args[4] * args[5] // args[6])
    if "batch_norm" in name and first.dim() > 1:
        return int(first.numel() // max(1, first.shape[1]))
    if _SUM.search(name):
        return int(first.numel() // max(1, out.numel())) or 1
    return 1


def adds(name: str) -> bool:
    """Whether an operation only adds up what it is given, such as what another has added up."""
    return name in ("sum", "mean", "cumsum")
