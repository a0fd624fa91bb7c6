"""List prices, prices given, and the bound on tokens."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from kernelgepa.engine.budget import Budget
from kernelgepa.errors import InputError
from kernelgepa.llm.library import litellm
from kernelgepa.llm.prices import Prices, most_tokens, prices_of
from kernelgepa.llm.proposer import Llm
from kernelgepa.runs.settings import Model
from kernelgepa.tasks import load


def test_given_prices_win_over_listed_ones() -> None:
    assert prices_of(Model("openai/gpt-4o", price_in=1, price_out=2)) == Prices(1, 2)


@pytest.mark.parametrize("name", ["gpt-4o", "openai/gpt-4o"])
def test_a_listed_price(name: str) -> None:
    entry = litellm().model_cost["gpt-4o"]
    found = prices_of(Model(name))
    assert found is not None and found.listed
    assert found.read == pytest.approx(entry["input_cost_per_token"] * 1e6)
    assert found.written == pytest.approx(entry["output_cost_per_token"] * 1e6)


@pytest.mark.parametrize("name", ["openai/no-such-model", "anthropic/gpt-4o", "no-such-model"])
def test_an_unknown_price_is_not_nothing(name: str) -> None:
    assert prices_of(Model(name)) is None


def test_a_free_model_is_not_an_unknown_one() -> None:
    assert prices_of(Model("openai/x", price_in=0, price_out=0)) == Prices(0, 0)
    Llm(Model("openai/x", price_in=0, price_out=0), usd=1.0)


@pytest.mark.parametrize(
    ("given_in", "given_out"),
    [(1.0, None), (None, 1.0), (float("nan"), 1.0), (float("inf"), 1.0), (1.0, -1.0)],
)
def test_half_a_price_or_none(given_in: float | None, given_out: float | None) -> None:
    with pytest.raises(InputError, match="--price-"):
        prices_of(Model("openai/x", price_in=given_in, price_out=given_out))


def test_long_prompts_that_cost_more() -> None:
    prices = Prices(1.0, 10.0, tiers=((1000, 2.0, 20.0),))
    assert prices.usd(1000, 100) == pytest.approx(0.002)
    assert prices.usd(1001, 100) == pytest.approx(0.004002)


def test_every_listed_tier_is_read() -> None:
    table = litellm().model_cost
    tiered = [n for n, e in table.items() if "input_cost_per_token_above_200k_tokens" in e]
    assert tiered
    for name in tiered:
        found = prices_of(Model(name))
        if found is not None and table[name]["input_cost_per_token_above_200k_tokens"]:
            dear = table[name]["input_cost_per_token_above_200k_tokens"] * 1e6
            assert (200_000, pytest.approx(dear)) in [(t[0], t[1]) for t in found.tiers]


COUNTED = """
import json, sys
from kernelgepa.llm.library import litellm
for messages in json.load(sys.stdin):
    print(litellm().token_counter(model="gpt-4o", messages=messages))
"""


def texts(rng: random.Random) -> list[str]:
    planes = ((0x20, 0x7F), (0x80, 0x3000), (0x3000, 0xD800), (0x10000, 0x110000))
    return [
        "".join(chr(rng.randrange(*rng.choice(planes))) for _ in range(rng.randrange(81)))
        for _ in range(rng.randrange(5))
    ]


def test_a_real_tokenizer_never_makes_more_tokens_than_the_bound() -> None:
    """In a process of its own: the tokenizer has panicked in one that had run many other tests."""
    rng = random.Random(1)
    asked = [[{"role": "user", "content": c} for c in texts(rng)] for _ in range(300)]
    done = subprocess.run(
        [sys.executable, "-c", COUNTED],
        check=False,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    counts = [int(line) for line in done.stdout.split()]
    assert len(counts) == len(asked)
    assert all(n <= most_tokens(m) for n, m in zip(counts, asked, strict=True))


def test_an_estimate_is_said_before_the_first_call() -> None:
    task = load("axpy_bf16")
    model = Model("openai/x", price_in=1, price_out=10, max_tokens=1000)
    made = Llm(model).estimate(task, task.seeds["canonical"], Budget(20, usd=2.0))
    assert made.first is not None and 0.01 < made.first < 0.1
    assert str(made) == (
        "model openai/x: $1 per million tokens read, $10 written, as given; the first call costs "
        f"at most ${made.first:.4f}, 20 such calls at most ${made.first * 20:.4f}, and never more "
        "than $2"
    )
