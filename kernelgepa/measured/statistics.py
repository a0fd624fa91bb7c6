"""From times to a verdict: a speedup, its interval, and what the machine's noise explains.

A *run* is one stretch of calls in one process. A *block* is four runs A B B A or B A A B, so that
a drift that is linear over the block cancels. A *pair* is one process of the reference and one of
the candidate; several pairs are timed in turn, because where a process's memory happens to lie
makes all its runs some per cent quicker or slower, which no number of blocks in it averages away.

The speedup is the mean over pairs of the median over blocks of log(reference / candidate). Ratios
are taken within blocks, not of medians over all, since what holds for the length of a block
(frequency, a neighbour, drift) hits both sides and cancels; the median ignores blocks in which a
burst hit one side.

Its interval has two levels. Blocks are bootstrapped within their pair. Processes cannot be: two to
four pairs resampled show hardly any tail. Their part is drawn from Student's distribution instead,
with the spread that pairs and the A/A blocks show, pooled with what is known beforehand of
processes (`PROCESS_SD`), so that pairs that agree by luck do not make an interval of no width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kernelgepa.verdict import Timing

CONFIDENCE = 0.99
DRAWS = 10_000
_FINER = 4  # numbers drawn for each that is used
# Share by which two processes of one program differ (standard deviation), known beforehand, and
# how many observations that knowledge counts for. Small: what is seen soon outweighs it.
PROCESS_SD = 0.015
PROCESS_WEIGHT = 2.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Seconds of one call on either side, of four runs in turn. In an A/A block, `candidate` is
    a second process of the reference."""

    pair: int
    reference: float
    candidate: float

    @classmethod
    def of(cls, pair: int, reference: Sequence[float], candidate: Sequence[float]) -> Block:
        """Of the runs of either side. Raises ValueError unless all are finite and above 0."""
        if not all(math.isfinite(t) and t > 0 for t in (*reference, *candidate)):
            raise ValueError("seconds are finite and above 0")
        return cls(pair, _mean(reference), _mean(candidate))

    @property
    def gain(self) -> float:
        """log(reference / candidate)."""
        return math.log(self.reference / self.candidate)


@dataclass(frozen=True)
class Estimate:
    """A candidate against its reference.

    `low` and `high` bound `speedup` with 99 % confidence. `noise` is the most by which the
    reference differs from itself: the far end of the interval of the A/A ratio. `settled` is the
    part of the interval's half width that more blocks cannot take away, from 0 to 1.
    """

    reference_seconds: float
    seconds: float
    speedup: float
    low: float
    high: float
    noise: float
    blocks: int
    settled: float

    def timing(self, device: str, floor_seconds: float | None = None) -> Timing:
        return Timing(
            reference_seconds=self.reference_seconds, seconds=self.seconds, speedup=self.speedup,
            low=self.low, high=self.high, noise=self.noise, blocks=self.blocks, device=device,
            floor_seconds=floor_seconds,
        )  # fmt: skip

    def clear(self, widened: float = 1.0) -> bool:
        """A win or a loss even were the interval and the noise wider by this factor."""
        noise = widened * math.log1p(self.noise)
        middle = math.log(self.speedup)
        below = widened * (middle - math.log(self.low))
        above = widened * (math.log(self.high) - middle)
        return middle - below > noise or middle + above < -noise

    def hopeless(self, done: float, widened: float = 1.0) -> bool:
        """Neither a win nor a loss at the end, were the end of the interval the true speedup.

        `done`: the share of all blocks so far, with the root of which the noise shrinks, and what
        blocks add to the interval. `widened`: the interval is wider by this factor.
        """
        noise = math.log1p(self.noise) * math.sqrt(done)
        low, middle, high = map(math.log, (self.low, self.speedup, self.high))
        low, high = (middle + widened * (end - middle) for end in (low, high))
        shrunk = math.sqrt(self.settled**2 + (1 - self.settled**2) * done)
        return high - (middle - low) * shrunk <= noise and low + (high - middle) * shrunk >= -noise


def estimate(blocks: Sequence[Block], same: Sequence[Block]) -> Estimate:
    """What the blocks of a session say; `same` are its A/A blocks.

    Equal arguments give equal results. Raises ValueError without at least one block of each kind.
    """
    if not blocks or not same:
        raise ValueError("a speedup needs blocks, and blocks of the reference against itself")
    gains = _gains(blocks)
    itself = np.sort([b.gain for b in same])

    middles = np.array([np.median(g) for g in gains])
    gain = float(middles.mean())
    by_blocks = _scattered(gains) - gain
    spread, freedom = _process_spread(middles, float(np.median(itself)))
    by_process = spread / math.sqrt(len(gains)) * _students(freedom)

    low, high = _bounds(gain + by_blocks + by_process)
    noise = max(abs(bound) for bound in _bounds(medians(itself, len(gains))))
    whole, fixed = high - low, float(np.diff(_bounds(by_process))[0])
    return Estimate(
        reference_seconds=float(np.median([b.reference for b in blocks])),
        seconds=float(np.median([b.candidate for b in blocks])),
        speedup=math.exp(gain),
        low=math.exp(low),
        high=math.exp(high),
        noise=math.expm1(noise),
        blocks=len(blocks),
        settled=min(1.0, float(fixed / whole)),
    )


def middle(blocks: Sequence[Block]) -> float:
    """The speedup."""
    return math.exp(float(np.mean([np.median(g) for g in _gains(blocks)])))


def most(blocks: Sequence[Block]) -> float:
    """The upper end of the speedup's interval, of these processes: as if all others were the same.

    Raises ValueError where there is no block.
    """
    if not blocks:
        raise ValueError("a speedup needs blocks")
    return math.exp(_bounds(_scattered(_gains(blocks)))[1])


def _gains(blocks: Sequence[Block]) -> list[Floats]:
    """Of each pair, in order."""
    pairs = sorted({b.pair for b in blocks})
    return [np.sort([b.gain for b in blocks if b.pair == p]) for p in pairs]


def _scattered(gains: Sequence[Floats]) -> Floats:
    """The mean over pairs of the median, in resamples of the blocks of each."""
    found: Floats = np.mean([medians(g, place) for place, g in enumerate(gains)], axis=0)
    return found


def medians(ordered: Floats, stream: int = 0, draws: int = DRAWS) -> Floats:
    """Medians of resamples of an ordered sample; of several samples those of other streams are
    independent.

    The middle one of n uniform numbers follows a Beta distribution, so that one draw a resample
    is enough, instead of n. Where n is even there is no middle one, and this draws one of two.
    """
    return ordered[_middles(len(ordered), stream, draws)]


# Every estimate draws the same numbers, which take far longer to draw than to use.
@lru_cache(256)
def _middles(count: int, stream: int, draws: int) -> NDArray[np.intp]:
    """Which of so many is the middle one, in resamples."""
    rng, half = np.random.default_rng((stream, count)), (count + 1) / 2
    at = _spaced(rng.beta(half, half, draws * _FINER), rng) * count
    return np.minimum(at.astype(np.intp), count - 1)


@lru_cache(16)
def _students(freedom: float) -> Floats:
    rng = np.random.default_rng((1 << 32, 0))  # another stream than that of any sample
    return _spaced(rng.standard_t(freedom, DRAWS * _FINER), rng)


def _spaced(drawn: Floats, rng: np.random.Generator) -> Floats:
    """Of many draws evenly spaced ones, in any order: the same numbers are not to make the same
    error in every estimate."""
    return rng.permutation(np.sort(drawn)[_FINER // 2 :: _FINER])


def _process_spread(middles: Floats, itself: float) -> tuple[float, float]:
    """Standard deviation of a pair's gain over pairs of processes, and its degrees of freedom.

    Of what the pairs show, of one reference process against another, which has the same spread,
    and of what is known beforehand.
    """
    seen = float(((middles - middles.mean()) ** 2).sum()) + itself**2
    freedom = PROCESS_WEIGHT + len(middles)  # len - 1 of the pairs, 1 of the A/A ratio
    return math.sqrt((PROCESS_WEIGHT * 2 * PROCESS_SD**2 + seen) / freedom), freedom


def _bounds(draws: Floats) -> Floats:
    out: Floats = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return out


def _mean(seconds: Sequence[float]) -> float:
    """Geometric, as ratios are taken of it."""
    return math.exp(math.fsum(map(math.log, seconds)) / len(seconds))
