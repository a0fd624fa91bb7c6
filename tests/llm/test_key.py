"""A key that is not there is said before anything is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernelgepa.cli import main
from kernelgepa.errors import InputError
from kernelgepa.llm.client import check_key
from kernelgepa.runs.settings import Model

RECORDS = Path(__file__).parents[1] / "data" / "records.jsonl"
NAMES = ("ANTHROPIC", "FIREWORKS", "GEMINI", "GOOGLE", "OPENAI", "AWS", "OLLAMA")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(NAMES):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("openai/x", "set OPENAI_API_KEY, or --api-base"),
        ("anthropic/x", "set ANTHROPIC_API_KEY,"),
        ("gemini/x", "GOOGLE_API_KEY or GEMINI_API_KEY|GEMINI_API_KEY or GOOGLE_API_KEY"),
    ],
)
def test_which_variable_is_wanted(name: str, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        check_key(Model(name))


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai/x", "OPENAI_API_KEY"),
        ("gemini/x", "GEMINI_API_KEY"),
        ("fireworks_ai/x", "FIREWORKS_API_KEY"),  # one of several names
        ("bedrock/anthropic.x", ""),  # a profile may hold what it needs
        ("ollama/x", ""),  # asks for none
    ],
)
def test_what_may_be_enough(name: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if variable:
        monkeypatch.setenv(variable, "given")
    check_key(Model(name))


def test_a_server_of_ones_own_needs_none() -> None:
    check_key(Model("openai/x", "http://127.0.0.1:9/v1"))


@pytest.mark.parametrize(
    "command", ["optimize axpy_bf16 --out run", "bench npueval {records} --run r"]
)
def test_nothing_is_made(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    made = set(tmp_path.iterdir())
    words = command.format(records=RECORDS).split()
    with pytest.raises(SystemExit) as ended:
        main([*words, "--model", "openai/x", "--price-in", "1", "--price-out", "1"])
    out, err = capfd.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.startswith("error: model openai/x: no key is in the environment")
    assert len(err.splitlines()) == 1
    assert set(tmp_path.iterdir()) == made
