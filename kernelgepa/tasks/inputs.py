"""Where test inputs come from when a task does not make its own: ranges, fresh and edge values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernelgepa.task import InputKind
from kernelgepa.tasks.arrays import Array, dtype, is_float, limits


@dataclass(frozen=True)
class Range:
    """Values a parameter may take: low <= x <= high. `whole`: only whole numbers."""

    low: float
    high: float
    whole: bool = False

    @staticmethod
    def observed(data: Array, name: str) -> Range:
        """The range recorded data spans, widened where that is safe.

        Data without negative values stays so, data without zeros stays without, and integers that
        look like indexes or levels (few, small, none negative) keep their span.
        """
        values = data.astype(np.float64)
        low, high = float(values.min()), float(values.max())
        if not is_float(name):
            least, most = limits(name)
            spread = high - low
            if spread >= 0.9 * (most - least):
                return Range(least, most, True)
            return Range(low, high, True)
        whole = bool(np.all(values == np.round(values)))
        return Range(low, high, whole)

    def fresh(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values all over the range; floats mostly of the middle, as recorded data is."""
        if not is_float(name):
            return rng.integers(int(self.low), int(self.high) + 1, shape).astype(dtype(name))
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        spread = rng.normal(middle, half / 2.5, shape)
        flat = rng.uniform(self.low, self.high, shape)
        values = np.clip(np.where(rng.random(shape) < 0.5, spread, flat), self.low, self.high)
        if self.whole:
            values = np.round(values)
        return _inside(values.astype(dtype(name)), self, name)

    def edge(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values at which kernels go wrong, as far as they lie in the range, shuffled."""
        candidates = [self.low, self.high, 0.0, 1.0, -1.0, (self.low + self.high) / 2]
        candidates += [s * 2.0**e for e in range(-8, 15) for s in (1, -1)]
        candidates += [s * (2.0**e - 1) for e in (3, 4, 7, 8, 15) for s in (1, -1)]
        candidates += [s * k / 2 for k in range(1, 12) for s in (1, -1)]
        kept = [c for c in candidates if self.low <= c <= self.high]
        if not is_float(name) or self.whole:
            kept = [c for c in kept if c == int(c)]
        return rng.choice(np.array(kept), shape).astype(dtype(name))

    def spike(
        self, rng: np.random.Generator, shape: tuple[int, ...], name: str, high: bool
    ) -> Array:
        """Values near zero, the last one extreme and one other at three quarters of it.

        A reduction that leaves out the last element, or that other one, gives another result.
        """
        rest = min(max(0.0, self.low), self.high)
        flat = self.fresh(rng, shape, name).reshape(-1).astype(np.float64)
        flat = rest + (flat - rest) / 64
        extreme = self.high if high else self.low
        flat[int(rng.integers(flat.size))] = rest + (extreme - rest) * 0.75
        flat[-1] = extreme
        if not is_float(name) or self.whole:
            flat = np.trunc(flat)
        return _inside(flat.astype(dtype(name)), self, name).reshape(shape)


def _inside(values: Array, within: Range, name: str) -> Array:
    """Rounding to the type must not leave the range."""
    wide = values.astype(np.float64)
    outside = (wide < within.low) | (wide > within.high)
    return np.where(outside, np.asarray((within.low + within.high) / 2), wide).astype(dtype(name))


def draw(
    ranges: Mapping[str, Range],
    shapes: Mapping[str, tuple[int, ...]],
    dtypes: Mapping[str, str],
    rng: np.random.Generator,
    kind: InputKind,
) -> dict[str, Array]:
    """One set of inputs of a kind that is not recorded."""
    made = {}
    for name, within in ranges.items():
        if kind in ("spike_high", "spike_low"):
            made[name] = within.spike(rng, shapes[name], dtypes[name], kind == "spike_high")
        else:
            source = within.edge if kind == "edge" else within.fresh
            made[name] = source(rng, shapes[name], dtypes[name])
    return made
