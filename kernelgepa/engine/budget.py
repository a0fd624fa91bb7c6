"""What a run may spend, and what it has spent."""

from __future__ import annotations

from dataclasses import dataclass

from kernelgepa.protocols import Usage


@dataclass(frozen=True)
class Budget:
    """Limits; None where there is none. `minutes` is wall clock, exempt from determinism."""

    candidates: int
    rollouts: int | None = None
    usd: float | None = None
    minutes: float | None = None


@dataclass
class Spend:
    """Sums over everything folded so far."""

    candidates: int = 0  # judged, beside the seeds
    rollouts: int = 0  # workloads judged, of seeds too
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    unpriced: int = 0  # calls whose price is not known
    estimated: int = 0  # calls whose tokens the server did not count
    lost: int = 0  # calls that were under way when the run was killed
    lost_usd: float = 0.0  # reserved for them: they may have been charged

    def add(self, usage: Usage) -> None:
        self.calls += usage.calls
        self.tokens_in += usage.tokens_in
        self.tokens_out += usage.tokens_out
        self.estimated += usage.calls if usage.estimated else 0
        if usage.usd is None:
            self.unpriced += usage.calls
        else:
            self.usd = round(self.usd + usage.usd, 9)

    def lose(self, ceiling: float) -> None:
        """A call was under way when the run was killed; it may have been charged."""
        self.lost += 1
        self.lost_usd = round(self.lost_usd + ceiling, 9)

    @property
    def charged(self) -> float:
        """Dollars that count against the budget."""
        return round(self.usd + self.lost_usd, 9)
