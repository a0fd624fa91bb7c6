"""Whether this machine has a CUDA device that torch can use."""

from __future__ import annotations

from functools import cache

from kernelgepa.cuda.driver import capability


@cache
def found() -> bool:
    if capability("cuda:0") is None:  # asked first: torch takes seconds to import
        return False
    import torch  # noqa: PLC0415

    return bool(torch.cuda.is_available())
