"""Where test inputs come from when a task does not make its own: ranges, fresh and edge values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernelgepa.task import InputKind
from kernelgepa.tasks.arrays import Array, dtype, is_float, limits


@dataclass(frozen=True)
class Range:
    """Values a parameter may take: low <= x <= high, only whole ones, never zero."""

    low: float
    high: float
    whole: bool = False
    nonzero: bool = False

    @staticmethod
    def observed(data: Array, name: str) -> Range:
        """The range recorded data spans: what it leaves out, new inputs leave out too.

        Divisors, indexes and lengths are known only by their data, so the span is kept, zero is
        left out where no recorded value is zero, and floats that are all whole stay whole. Only
        an integer type spanned almost wholly is taken as a whole.
        """
        values = data.astype(np.float64)
        low, high = float(values.min()), float(values.max())
        nonzero = low != 0 != high and not np.any(values == 0)
        if is_float(name):
            return Range(low, high, bool(np.all(values == np.round(values))), nonzero)
        least, most = limits(name)
        share = 0.98 if most - least < 256 else 0.9  # 256 draws span that much of either
        if high - low >= share * (most - least):
            return Range(least, most, True)
        return Range(low, high, True, nonzero)

    def fresh(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values all over the range; floats mostly of the middle, as recorded data is."""
        if not is_float(name):
            drawn = rng.integers(int(self.low), int(self.high) + 1, shape)
            return self._inside(drawn.astype(dtype(name)), name)
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        spread = rng.normal(middle, half / 2.5, shape)
        flat = rng.uniform(self.low, self.high, shape)
        values = np.clip(np.where(rng.random(shape) < 0.5, spread, flat), self.low, self.high)
        if self.whole:
            values = np.round(values)
        return self._inside(values.astype(dtype(name)), name)

    def edge(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values at which kernels go wrong, as far as they lie in the range, shuffled."""
        candidates = [self.low, self.high, 0.0, 1.0, -1.0, (self.low + self.high) / 2]
        candidates += [s * 2.0**e for e in range(-8, 15) for s in (1, -1)]
        candidates += [s * (2.0**e - 1) for e in (3, 4, 7, 8, 15) for s in (1, -1)]
        candidates += [s * k / 2 for k in range(1, 12) for s in (1, -1)]
        kept = [c for c in candidates if self.low <= c <= self.high]
        if not is_float(name) or self.whole:
            kept = [c for c in kept if c == int(c)]
        return self._inside(rng.choice(np.array(kept), shape).astype(dtype(name)), name)

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
        return self._inside(flat.astype(dtype(name)), name).reshape(shape)

    def _inside(self, values: Array, name: str) -> Array:
        """Rounding must neither leave the range nor make a zero where there may be none."""
        wide = values.astype(np.float64)
        outside = (wide < self.low) | (wide > self.high)
        if self.nonzero:
            outside |= wide == 0
        bound = self.low if abs(self.low) > abs(self.high) else self.high
        return np.where(outside, np.asarray(bound), wide).astype(dtype(name))


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
