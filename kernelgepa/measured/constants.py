"""Parameters that are not constant: biases of zeros and scales of ones are made random.

A kernel that leaves out a bias because it is zero would be right by accident. Reference and
candidate construct their modules under the same seed, and what would be constant is drawn in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any


@contextmanager
def randomised(seed: int) -> Iterator[None]:
    """While it lasts, constant initial values are random ones around them.

    Each draws from a generator of its own, numbered in the order of construction: memory that is
    not initialised yet may look constant in one process and not in another.
    """
    import torch  # noqa: PLC0415
    from torch.nn import init  # noqa: PLC0415

    before = (init.zeros_, init.ones_, init.constant_, torch.nn.Parameter.__new__)

    filled, made = count(1, 2), count(0, 2)

    def near(tensor: Any, value: float, number: int) -> Any:
        generator = torch.Generator(tensor.device).manual_seed((seed + number) % (1 << 63))
        with torch.no_grad():
            return tensor.uniform_(-0.5, 0.5, generator=generator).add_(value)

    def constant(tensor: Any, val: float) -> Any:
        if not tensor.is_floating_point() or tensor.device.type == "meta":
            return before[2](tensor, val)
        return near(tensor, val, next(filled))

    def parameter(cls: Any, data: Any = None, requires_grad: bool = True) -> Any:
        number = next(made)
        if data is not None and data.is_floating_point() and data.numel() and _flat(data):
            value = float(data.reshape(-1)[0])
            data = near(data.detach().clone().contiguous(), value, number)
        return before[3](cls, data, requires_grad)

    init.zeros_ = lambda tensor: constant(tensor, 0.0)
    init.ones_ = lambda tensor: constant(tensor, 1.0)
    init.constant_ = constant
    torch.nn.Parameter.__new__ = parameter
    try:
        yield
    finally:
        init.zeros_, init.ones_, init.constant_, torch.nn.Parameter.__new__ = before


def _flat(data: Any) -> bool:
    """Whether all elements are the same finite number, and it is no uninitialised memory."""
    import torch  # noqa: PLC0415

    if data.device.type == "meta":
        return False
    first = data.reshape(-1)[0]
    return bool(torch.isfinite(first)) and bool((data == first).all())
