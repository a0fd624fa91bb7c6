"""Parameters that show no pattern: what starts as zeros, ones or the identity is made random, and
layers that start as copies of each other are made to differ.

A kernel that leaves out a bias because it is zero would be right by accident. Reference and
candidate construct their modules under the same seed, and what would be constant is drawn in both:
the same for the first bias of 64 zeros, whether it is a layer's or a parameter of the module's own.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kernelgepa.measured.weights import digest_of

_PATTERNS = ("eye_", "dirac_", "sparse_")  # of torch.nn.init: mostly zeros
_FILLED = 1  # torch fills what is not initialised yet with NaN: else it may look constant


@contextmanager
def randomised(seed: int) -> Iterator[None]:
    """While it lasts, constant initial values are random ones around them, and copies of parameters
    differ."""
    import torch  # noqa: PLC0415
    from torch.nn import init  # noqa: PLC0415

    kind, random = torch.nn.Parameter, _Random(seed)
    before = {name: getattr(init, name) for name in ("zeros_", "ones_", "constant_", *_PATTERNS)}
    make, copy = kind.__new__, kind.__deepcopy__

    def constant(tensor: Any, val: float) -> Any:
        return random.filled(tensor, val) if _usual(tensor) else before["constant_"](tensor, val)

    def pattern(name: str) -> Callable[..., Any]:
        def patterned(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            out = before[name](tensor, *args, **kwargs)
            return random.spread(out) if _usual(tensor) else out

        return patterned

    def parameter(cls: Any, data: Any = None, requires_grad: bool = True) -> Any:
        return make(cls, random.given(data, requires_grad), requires_grad)

    def copied(one: Any, memo: Any) -> Any:
        known = id(one) in memo
        out = copy(one, memo)
        return out if known or not _usual(one) else random.copied(out, one)

    init.zeros_ = lambda tensor: constant(tensor, 0.0)
    init.ones_ = lambda tensor: constant(tensor, 1.0)
    init.constant_ = constant
    for name in _PATTERNS:
        setattr(init, name, pattern(name))
    kind.__new__, kind.__deepcopy__ = parameter, copied
    debugged = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode(_FILLED)
    try:
        yield
    finally:
        if torch.get_deterministic_debug_mode() == _FILLED:  # it is still ours
            torch.set_deterministic_debug_mode(debugged)
        for name, function in before.items():
            setattr(init, name, function)
        kind.__new__, kind.__deepcopy__ = make, copy


class _Random:
    """Each draws from a generator of its own, numbered among those of the same size and constant;
    copies among those of the same values."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn_before: Counter[tuple[str, int]] = Counter()
        self._numbers = dict[tuple[str, int, int], tuple[int, Any]]()
        self._copies: Counter[str] = Counter()

    def filled(self, tensor: Any, value: float) -> Any:
        """What would be constant."""
        return self._near(tensor, value, self._number(tensor, f"{value:.6g}"))

    def spread(self, tensor: Any) -> Any:
        """What would be the identity, or like it."""
        return self._around(tensor, self._number(tensor, "spread"))

    def given(self, data: Any, trained: bool) -> Any:
        """What becomes a parameter."""
        if data is None or not _usual(data):
            return data
        first = data.reshape(-1)[0]
        if bool(first.isfinite()) and bool((data == first).all()):
            return self.filled(data.detach().clone().contiguous(), float(first))
        if trained and 2 * int((data == 0).sum()) >= data.numel():
            return self.spread(data.detach().clone())
        return data

    def _number(self, tensor: Any, what: str) -> int:
        """Of a tensor's values: the same where it is given them once more, as by a constructor
        that says again what it has."""
        place = (what, tensor.numel(), tensor.data_ptr())
        if place not in self._numbers:
            key = place[:2]
            text = f"{key} {self._drawn_before[key]}"
            self._drawn_before[key] += 1
            made = int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)
            self._numbers[place] = made, tensor.data  # whose memory is not given to another
        return self._numbers[place][0]

    def copied(self, copy: Any, of: Any) -> Any:
        """A parameter that would be the same as another."""
        digest = digest_of(of)
        self._copies[digest] += 1
        number = int(digest[:12], 16) + self._copies[digest]
        copy.data.mul_(self._drawn(copy.data, 0.5, 1.5, number))
        return copy

    def _near(self, tensor: Any, value: float, number: int) -> Any:
        tensor.data.copy_(self._drawn(tensor.data, -0.5, 0.5, number)).add_(value)
        return tensor

    def _around(self, tensor: Any, number: int) -> Any:
        """As much in a row as one of its elements."""
        row = tensor[0].numel() if tensor.dim() > 1 else 1
        tensor.data.add_(self._drawn(tensor.data, -0.5, 0.5, number), alpha=max(1, row) ** -0.5)
        return tensor

    def _drawn(self, like: Any, low: float, high: float, number: int) -> Any:
        import torch  # noqa: PLC0415

        generator = torch.Generator(like.device).manual_seed((self._seed + number) % (1 << 63))
        return torch.empty_like(like).uniform_(low, high, generator=generator)


def _usual(tensor: Any) -> bool:
    """Whether it holds numbers that may be others."""
    floats = tensor.is_floating_point() and tensor.device.type != "meta"
    return bool(floats and tensor.numel())
