"""Parameters that show no pattern: what starts as zeros, ones or the identity is made random, and
layers that start as copies of each other are made to differ.

A kernel that leaves out a bias because it is zero would be right by accident. Reference and
candidate construct their modules under the same seed, and what would be constant is drawn in both:
the same for the first bias of 64 zeros, whether it is a layer's or a parameter of the module's own.
What a candidate makes beyond those of the reference is its own and stays as it is: weights padded
with zeros, a copy of a layer that it folds another one into.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kernelgepa.measured.weights import digest_of

_PATTERNS = ("eye_", "dirac_", "sparse_")  # of torch.nn.init: mostly zeros
_FILLED = 1  # torch fills what is not initialised yet with NaN: else it may look constant


@contextmanager
def randomised(seed: int, most: Mapping[str, int] | None = None) -> Iterator[Counter[str]]:
    """While it lasts, constant initial values are random ones around them, and copies of parameters
    differ. Counts those of each kind.

    `most`: such counts of a reference, beyond which values stay as they are.
    """
    import torch  # noqa: PLC0415
    from torch.nn import init  # noqa: PLC0415

    kind, random = torch.nn.Parameter, _Random(seed, most)
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
        yield random.made
    finally:
        if torch.get_deterministic_debug_mode() == _FILLED:  # it is still ours
            torch.set_deterministic_debug_mode(debugged)
        for name, function in before.items():
            setattr(init, name, function)
        kind.__new__, kind.__deepcopy__ = make, copy


class _Random:
    """Each draws from a generator of its own, numbered among those of the same size and constant;
    copies among those of the same values."""

    def __init__(self, seed: int, most: Mapping[str, int] | None) -> None:
        self._seed, self._most = seed, most
        self.made: Counter[str] = Counter()
        self._numbers = dict[tuple[str, int, int], tuple[int | None, Any]]()

    def filled(self, tensor: Any, value: float) -> Any:
        """What would be constant."""
        number = self._number(tensor, f"{value:.6g}")
        return tensor.data.fill_(value) if number is None else self._near(tensor, value, number)

    def spread(self, tensor: Any) -> Any:
        """What would be the identity, or like it."""
        number = self._number(tensor, "spread")
        return tensor if number is None else self._around(tensor, number)

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

    def _number(self, tensor: Any, what: str) -> int | None:
        """Of a tensor's values: the same where it is given them once more, as by a constructor
        that says again what it has. None where the reference has no such."""
        place = (what, tensor.numel(), tensor.data_ptr())
        if place not in self._numbers:
            key = place[:2]
            made = self._next(f"{what} {place[1]}")
            text = f"{key} {made}"
            drawn = int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)
            # With its values, whose memory is not given to another.
            self._numbers[place] = None if made is None else drawn, tensor.data
        return self._numbers[place][0]

    def copied(self, copy: Any, of: Any) -> Any:
        """A parameter that would be the same as another."""
        digest = digest_of(of)
        made = self._next(f"copy {digest}")
        if made is not None:
            number = int(digest[:12], 16) + made + 1
            copy.data.mul_(self._drawn(copy.data, 0.5, 1.5, number))
        return copy

    def _next(self, kind: str) -> int | None:
        """How many of a kind there were before; None where the reference has none after those."""
        made = self.made[kind]
        if self._most is not None and made >= self._most.get(kind, 0):
            return None
        self.made[kind] += 1
        return made

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
