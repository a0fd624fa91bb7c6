"""What a bench says of a verdict is what the judge says: faster, slower or neither."""

from __future__ import annotations

import pytest

from kernelgepa.bench.samples import Facts, of_verdict
from kernelgepa.verdict import Stage, Timing, Verdict, WorkloadVerdict


def timing(low: float, high: float, blocks: int) -> Timing:
    return Timing(1e-3, 2e-3 / (low + high), (low + high) / 2, low, high, 0.05, blocks, "cpu")


@pytest.mark.parametrize("blocks", [3, 6, 12, 60])
@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(1.2, 1.4, "win"), (1.04, 1.4, ""), (0.8, 1.2, ""), (0.7, 0.96, ""), (0.7, 0.9, "loss")],
)
def test_a_win_is_the_judges_win_however_many_blocks(
    low: float, high: float, word: str, blocks: int
):
    found = timing(low, high, blocks)
    assert (found.win, found.loss) == (word == "win", word == "loss")
    judged = WorkloadVerdict("shipped", Stage.CORRECT, 1.0, timing=found)
    verdict = Verdict("c", "task", (judged,))
    facts = Facts("cpu", "some", "strict", "digest")
    ours = of_verdict(verdict, 0, facts, True).extra["kernelgepa"]
    assert (ours["win"], ours["loss"]) == (found.win, found.loss)
    unconfirmed = of_verdict(verdict, 0, facts).extra["kernelgepa"]
    assert (unconfirmed["win"], unconfirmed["loss"]) == (False, found.loss)
