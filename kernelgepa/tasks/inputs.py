"""Where test inputs come from when a task does not make its own: ranges, fresh and edge values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from kernelgepa.task import InputKind
from kernelgepa.tasks.arrays import Array, dtype, is_float, limits

CROSSED = 4  # inputs of which every combination of extremes is tried


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
            return self.inside(drawn.astype(dtype(name)), name)
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        spread = rng.normal(middle, half / 2.5, shape)
        flat = rng.uniform(self.low, self.high, shape)
        values = np.clip(np.where(rng.random(shape) < 0.5, spread, flat), self.low, self.high)
        if self.whole:
            values = np.round(values)
        return self.inside(values.astype(dtype(name)), name)

    def edge(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values at which kernels go wrong, as far as they lie in the range, shuffled."""
        candidates = [self.low, self.high, 0.0, 1.0, -1.0, (self.low + self.high) / 2]
        candidates += [-0.0] if self.low < 0 else []
        candidates += [s * 2.0**e for e in range(-8, 15) for s in (1, -1)]
        candidates += [s * (2.0**e - 1) for e in (3, 4, 7, 8, 15) for s in (1, -1)]
        candidates += [s * k / 2 for k in range(1, 12) for s in (1, -1)]
        kept = [c for c in candidates if self.low <= c <= self.high]
        if not is_float(name) or self.whole:
            kept = [c for c in kept if c == int(c)]
        made = np.where(
            rng.random(shape) < 0.75,
            rng.choice(np.array(kept), shape),
            self._ties(rng, shape, name),
        )
        self._sweep(rng, made.reshape(-1), name)
        return self.inside(made.astype(dtype(name)), name)

    def _ties(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values half way between two that remain after a shift, or after rounding to a whole."""
        drawn = rng.uniform(self.low, self.high, shape)
        if is_float(name) and not self.whole:
            made = np.floor(drawn) + 0.5
        else:
            drawn, step = np.round(drawn), 2.0 ** rng.integers(1, 16, shape)
            made = np.floor(drawn / step) * step + step / 2
        return np.where((made >= self.low) & (made <= self.high), made, drawn)

    def _sweep(self, rng: np.random.Generator, flat: Array, name: str) -> None:
        """Puts every value of a small range, or as many as fit, somewhere into half of `flat`."""
        count = int(self.high) - int(self.low) + 1
        if is_float(name) or count > 256:
            return
        values = rng.permutation(np.arange(int(self.low), int(self.high) + 1))
        places = rng.permutation(flat.size)[: flat.size // 2]
        flat[places[:count]] = values[: places.size]

    def corners(self) -> list[float]:
        """The extremes of the range, and zero and one where they lie in it."""
        some = [self.low, self.high, *([] if self.nonzero else [0.0]), 1.0, -1.0]
        return list(dict.fromkeys(v for v in some if self.low <= v <= self.high))

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
        return self.inside(flat.astype(dtype(name)), name).reshape(shape)

    def side(
        self, rng: np.random.Generator, shape: tuple[int, ...], name: str, high: bool
    ) -> Array:
        """Values of one quarter of the range, the first a little nearer to its middle.

        A reduction that starts at zero, or leaves out the first element, gives another result.
        """
        quarter = (self.high - self.low) / 4
        near = np.asarray(rng.uniform(0, quarter, shape)).reshape(-1)
        near[0] = quarter * 1.4
        flat = self.high - near if high else self.low + near
        if not is_float(name) or self.whole:
            flat = np.round(flat)
        return self.inside(flat.astype(dtype(name)), name).reshape(shape)

    def turn(self, rng: np.random.Generator, shape: tuple[int, ...], name: str) -> Array:
        """Values of the highest quarter of the range, then of the lowest.

        Sums and positions that saturate or wrap on the way are told from those that do at the end.
        Whole numbers only: of floats, what is left after both halves is mostly rounding.
        """
        high, low = (self.side(rng, shape, name, up).reshape(-1) for up in (True, False))
        first = int(rng.integers(high.size // 2, high.size * 3 // 4 + 1)) | 1  # inside a vector
        return np.concatenate([high[:first], low[first:]]).reshape(shape)

    def inside(self, values: Array, name: str) -> Array:
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
        elif kind in ("side_high", "side_low"):
            made[name] = within.side(rng, shapes[name], dtypes[name], kind == "side_high")
        elif kind == "turn" and not is_float(dtypes[name]):
            made[name] = within.turn(rng, shapes[name], dtypes[name])
        else:
            source = within.edge if kind == "edge" else within.fresh
            made[name] = source(rng, shapes[name], dtypes[name])
    if kind == "edge":
        for size in dict.fromkeys(a.size for a in made.values()):
            same = [n for n, a in made.items() if a.size == size]
            _meet(rng, {n: made[n].reshape(-1) for n in same}, ranges, dtypes)
    return made


def _meet(
    rng: np.random.Generator,
    flat: Mapping[str, Array],
    ranges: Mapping[str, Range],
    dtypes: Mapping[str, str],
) -> None:
    """Lets every extreme of an input meet every extreme of the others, somewhere."""
    corners = [ranges[n].corners() for n in flat]
    if len(corners) > CROSSED:
        met = np.stack([rng.choice(c[:2], 1 << (2 * CROSSED)) for c in corners], axis=1)
    else:
        met = rng.permutation(list(product(*corners)))
    size = next(iter(flat.values())).size
    places = rng.permutation(size)[: min(len(met), (size + 1) // 2)]
    for column, (name, values) in enumerate(flat.items()):
        chosen = met[: places.size, column].astype(dtype(dtypes[name]))
        values[places] = ranges[name].inside(chosen, dtypes[name])
