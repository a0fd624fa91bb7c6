"""What a module is called with: buffers that every call finds filled anew. In the worker.

A call gets one set of inputs, or a mixture of two, element by element, then with a share of a
third, another one from row to row, and scaled, the same everywhere or not, and gets signs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import torch

from kernelgepa.measured import drawing
from kernelgepa.measured.tensors import is_tensor, leaves, mapped

SLACK = 1 << 17  # of the pool, where the stretches of masks begin
_SIGNS = 577, 1153  # places beyond which the masks of signs are, and of who is larger
_LARGE = 4.0  # so that of numbers up to 1 some are beyond it
_ROWS = 1 << 12  # shares, after which they are the same again


@dataclass(frozen=True)
class _Slot:
    """A tensor among the buffers, and what it is in each set; without what only repeats itself."""

    place: int
    buffer: Any
    sets: Sequence[Any]
    numbers: bool  # they may be scaled, and others lie between them
    alike: bool  # one in all sets


@dataclass
class Inputs:
    """Several sets, and buffers like the first."""

    sets: Sequence[Any] = ()
    arguments: Any = None  # of a call; the same memory in all of them
    flat: list[Any] = field(default_factory=list)  # the leaves of those
    _slots: Sequence[_Slot] = ()

    @classmethod
    def of(cls, sets: Sequence[Any], varied: Collection[int]) -> Inputs:
        """`varied`: places of those that would be the same in all sets, and vary.

        Raises ValueError and TypeError as `drawing.alike` does.
        """
        drawing.alike(sets)
        arguments = mapped(sets[0], drawing.once(drawing.buffer))
        made = cls(sets, arguments, leaves(arguments))
        every = made.leaves()
        alike = drawing.constant(every)
        # Nothing lies between infinity and a number.
        endless = {p for p in alike | set(varied) if not every[0][p].isfinite().all()}
        slots = dict[int, _Slot]()
        for place, whole in enumerate(made.flat):
            if is_tensor(whole) and id(whole) not in slots:
                given = [one[place] for one in every]
                buffer, *given = (drawing.unrepeated(v, whole) for v in (whole, *given))
                numbers = drawing.continuous(whole) and place not in endless
                slots[id(whole)] = _Slot(place, buffer, given, numbers, place in alike)
        made._slots = list(slots.values())
        return made

    def leaves(self) -> list[list[Any]]:
        """Of each set."""
        return [leaves(one) for one in self.sets]

    def fill(self, which: Mapping[str, Any], pool: Any) -> None:
        """`pool`: random bits, from which mixtures are cut."""
        first, other = which["set"], which.get("with", which["set"])
        third, scale, at = which.get("third"), which.get("scale", 1.0), which.get("at", 0)
        for slot in self._slots:
            buffer, one, two = slot.buffer, slot.sets[first], slot.sets[other]
            if one is two or not one.numel():
                buffer.copy_(one)
            else:
                mask = _mask(pool, at, slot.place, one.numel())
                torch.where(mask.view(one.shape), one, two, out=buffer)
            if not slot.numbers:
                continue
            if third is not None:
                buffer.lerp_(slot.sets[third], _shares(buffer, at, which["share"]))
                if slot.alike:  # what is made of it once is not right for all calls
                    buffer.mul_(1.0 - which["share"])
            if scale != 1.0:
                buffer.mul_(scale)
            if "uneven" in which:
                drawing.uneven(buffer, which["seed"] + slot.place)
            if "signed" in which:
                start, count = which.get("at", which["seed"]), one.numel()
                signs, large = (_mask(pool, start, slot.place + p, count) for p in _SIGNS)
                factors = signs.to(buffer.dtype).mul_(2).sub_(1)
                buffer.mul_(factors.mul_(torch.where(large, _LARGE, 1.0)).view(one.shape))


def pool(inputs: Inputs) -> Any:
    """Random bits for them, of torch's generator."""
    sizes = [t.numel() for t in leaves(inputs.sets[0]) if is_tensor(t)]
    bits = torch.randint(0, 256, ((max(sizes, default=1) + SLACK) // 8 + 8,), dtype=torch.uint8)
    steps = torch.arange(8, dtype=torch.uint8)
    return (bits.unsqueeze(1) >> steps).bitwise_and_(1).view(torch.bool).reshape(-1)


def _shares(buffer: Any, at: int, share: float) -> Any:
    """A share for every row, about all of it or a quarter: with one for all, rows would be so much
    alike that some of a mean could be left out. No two are the same, so that nobody who has a say
    in `at` can choose them."""
    dim = next((d for d, size in enumerate(buffer.shape) if size > 1), None)
    count = 1 if dim is None else buffer.shape[dim]
    generator = _generator(buffer.device).manual_seed(at)
    drawn = torch.rand(min(count, _ROWS), generator=generator, device=buffer.device)
    drawn.add_(drawn.round(), alpha=1.5).mul_(0.3 * share).add_(0.25 * share)
    rows = drawn.to(buffer.dtype)
    if count > _ROWS:
        rows = rows.repeat(-(-count // _ROWS))[:count]
    return rows.view([count if d == dim else 1 for d in range(buffer.ndim)])


@cache
def _generator(device: Any) -> Any:
    return torch.Generator(device)


def _mask(pool: Any, at: int, place: int, count: int) -> Any:
    """Two stretches of the pool: those of one are so few that all could be tried beforehand."""
    first = (at + 7919 * place) % SLACK
    second = (at // SLACK + 5 * place) % SLACK
    return pool[first : first + count] ^ pool[second : second + count]
