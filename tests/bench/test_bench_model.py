"""A bench whose kernels a language model writes: a server on loopback that speaks its protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernelgepa.bench import folder
from kernelgepa.kernelbench import results
from tests.bench.places import finish, miniature, start
from tests.llm.server import KEY, Reply, Server, serving

RIGHT = """\
import torch


class ModelNew(torch.nn.Module):
    def forward(self, x):
        shifted = torch.exp(x - x.amax(dim=-1, keepdim=True))
        return shifted / shifted.sum(dim=-1, keepdim=True)
"""


def bench(root: Path, server: Server, *more: str, code: int = 0) -> str:
    checkout = root / "Mini"
    if not checkout.exists():
        miniature(checkout)
    process = start(
        root, "kernelbench", str(checkout), "--levels", "1", "--subset", "all", "--run", "mine",
        "--budget", "1", "--device", "cpu", "--seconds", "0.1", "--out", str(root / "runs"),
        "--model", "openai/local", "--api-base", server.url, "--price-in", "3", "--price-out", "15",
        *more,
    )  # fmt: skip
    return finish(process, code)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def ours(root: Path) -> tuple[list[results.Sample], dict]:
    (samples,) = results.read(root / "runs" / "mine_level1").values()
    found = json.loads((root / "runs" / "mine" / folder.RESULTS).read_text())
    return samples, found["score"]


ANSWERS = (
    "```python\nprint('hello')\n```",
    f"```python\n{RIGHT.replace('exp', 'sin')}```",
    f"Change: by hand.\n\n```python\n{RIGHT}```\n",
    "I would rather talk about the weather.",
)


def test_kernels_that_a_model_writes_are_judged_and_its_garbage_is_a_failure_with_its_class(
    tmp_path: Path,
):
    """One bench: each further one would start torch, and time the seed, again."""
    texts = list(ANSWERS)
    samples = "--samples", str(len(ANSWERS))
    with serving(lambda asked: Reply(texts.pop(0) if len(texts) > 1 else texts[0])) as server:
        said = bench(tmp_path, server, *samples)
        asked = len(server.asked)
        assert asked > len(ANSWERS)  # who says no kernel is asked again
        assert "class Model" in server.asked[0].prompt and server.asked[0].key.endswith(KEY)
        again = bench(tmp_path, server, *samples)
        assert len(server.asked) == asked
    assert "proposer llm" in said and "4 of 4 were done before" in again
    found, score = ours(tmp_path)
    garbage, right = [*found[:2], found[3]], found[2]
    assert right.correctness and right.runtime > 0
    assert not any(s.correctness for s in garbage)
    kernel = tmp_path / "runs" / "mine_level1" / "level_1_problem_2_sample_2_kernel.py"
    assert kernel.read_text().strip() == RIGHT.strip()
    classes = [s.extra[results.OURS] for s in garbage]
    assert [one["failure"] for one in classes] == ["compile", "mismatch", "no proposal"]
    assert all(one["reason"] for one in classes)
    assert "failures: compile 1" in said  # of the first sample
    assert score["correct"] == 1 and score["failures"] == {}  # of the best
    files = (p for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert not [p for p in files if KEY.encode() in p.read_bytes()]
