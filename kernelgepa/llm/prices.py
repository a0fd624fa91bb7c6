"""What a call costs: the user's prices, else those litellm lists. None where neither is known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.llm.library import litellm
from kernelgepa.runs.settings import Model

MILLION = 1e6
# Allowed beside a message's own bytes: what a chat template puts around it.
PER_MESSAGE = 32
PER_CALL = 128
_TIER = re.compile(r"(?:in|out)put_cost_per_token_above_(\d+)k_tokens")


@dataclass(frozen=True)
class Prices:
    """Dollars per million tokens. `tiers` are dearer prices of longer prompts, shortest first."""

    read: float
    written: float
    listed: bool = False  # by litellm, not given by the user
    tiers: tuple[tuple[int, float, float], ...] = ()  # prompts of more tokens: read, written

    def usd(self, tokens_in: int, tokens_out: int) -> float:
        read, written = self.read, self.written
        for above, dearer, dearer_written in self.tiers:
            if tokens_in > above:
                read, written = dearer, dearer_written
        return round((tokens_in * read + tokens_out * written) / MILLION, 9)

    def __str__(self) -> str:
        by = "as litellm lists it" if self.listed else "as given"
        return f"${self.read:g} per million tokens read, ${self.written:g} written, {by}"


def most_tokens(messages: Sequence[Mapping[str, str]]) -> int:
    """No tokenizer makes more tokens of the messages: each holds at least one byte of text."""
    text = sum(len(m["content"].encode()) for m in messages)
    return text + PER_MESSAGE * len(messages) + PER_CALL


def prices_of(model: Model) -> Prices | None:
    """Raises InputError where the user gave half of it, or no number."""
    given = [p for p in (model.price_in, model.price_out) if p is not None]
    if len(given) == 1:
        missing = "--price-out" if model.price_out is None else "--price-in"
        raise InputError(f"a model has two prices; add {missing} (dollars per million tokens)")
    if not all(math.isfinite(p) and p >= 0 for p in given):
        raise InputError(f"--price-in and --price-out: expected numbers from 0, found {given}")
    if len(given) == 2:
        return Prices(given[0], given[1])
    entry = _listed(model.name, litellm().model_cost)
    if entry is None:
        return None
    read, written = _price(entry, "input_cost_per_token"), _price(entry, "output_cost_per_token")
    if read is None or written is None:
        return None
    return Prices(read, written, True, _tiers(entry, read, written))


def _listed(name: str, table: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if name in table:
        return table[name]
    provider, _, bare = name.partition("/")
    entry = table.get(bare)
    return entry if entry and entry.get("litellm_provider") == provider else None


def _price(entry: Mapping[str, Any], key: str) -> float | None:
    """Per million tokens."""
    value = entry.get(key)
    return round(value * MILLION, 9) if isinstance(value, int | float) else None


def _tiers(
    entry: Mapping[str, Any], read: float, written: float
) -> tuple[tuple[int, float, float], ...]:
    above = {int(m[1]) for m in map(_TIER.fullmatch, entry) if m}
    return tuple(
        (
            thousands * 1000,
            _price(entry, f"input_cost_per_token_above_{thousands}k_tokens") or read,
            _price(entry, f"output_cost_per_token_above_{thousands}k_tokens") or written,
        )
        for thousands in sorted(above)
    )
