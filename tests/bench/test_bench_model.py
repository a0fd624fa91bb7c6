"""A bench whose kernels a language model writes: a server on loopback that speaks its protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernelgepa.bench import folder
from kernelgepa.kernelbench import results
from tests.bench.places import finish, miniature, start
from tests.llm.server import KEY, Asked, Reply, Server, serving

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


def ours(root: Path) -> tuple[results.Sample, dict]:
    ((sample,),) = results.read(root / "runs" / "mine_level1").values()
    found = json.loads((root / "runs" / "mine" / folder.RESULTS).read_text())
    return sample, found["score"]


def test_a_kernel_that_a_model_writes_is_judged_and_kept(tmp_path: Path):
    def answer(asked: Asked) -> Reply:
        return Reply(f"Change: by hand.\n\n```python\n{RIGHT}```\n")

    with serving(answer) as server:
        said = bench(tmp_path, server)
        assert len(server.asked) == 1
        assert "class Model" in server.asked[0].prompt and server.asked[0].key.endswith(KEY)
        again = bench(tmp_path, server)
        assert len(server.asked) == 1
    assert "proposer llm" in said and "1 of 1 were done before" in again
    sample, score = ours(tmp_path)
    assert sample.correctness and sample.runtime > 0
    assert score["correct"] == 1 and score["failures"] == {}
    kernel = tmp_path / "runs" / "mine_level1" / "level_1_problem_2_sample_0_kernel.py"
    assert kernel.read_text().strip() == RIGHT.strip()
    files = (p for p in (tmp_path / "runs").rglob("*") if p.is_file())
    assert not [p for p in files if KEY.encode() in p.read_bytes()]


GARBAGE = (
    "```python\nprint('hello')\n```",
    f"```python\n{RIGHT.replace('exp', 'sin')}```",
    "I would rather talk about the weather.",
)


def test_garbage_of_a_model_is_a_failure_with_its_class(tmp_path: Path):
    texts = list(GARBAGE)
    with serving(lambda asked: Reply(texts.pop(0) if len(texts) > 1 else texts[0])) as server:
        said = bench(tmp_path, server, "--samples", str(len(GARBAGE)))
        assert len(server.asked) > len(GARBAGE)  # who says no kernel is asked again
    (samples,) = results.read(tmp_path / "runs" / "mine_level1").values()
    assert not any(s.correctness for s in samples)
    found = [s.extra[results.OURS] for s in samples]
    assert [one["failure"] for one in found] == ["compile", "mismatch", "no proposal"]
    assert all(one["reason"] for one in found)
    assert "failures: compile 1" in said
