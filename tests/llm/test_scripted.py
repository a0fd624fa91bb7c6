"""The scripted proposer, and proposers by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernelgepa import proposers, session
from kernelgepa.engine.budget import Budget
from kernelgepa.errors import InputError
from kernelgepa.llm import Llm
from kernelgepa.proposers import Scripted
from kernelgepa.protocols import Proposal, Proposer, Request
from kernelgepa.runs.settings import Model, Settings
from tests.llm.conftest import Make
from tests.llm.test_optimize import RESTRICT, VECTORS, WRONG


def test_a_sequence_answers_step_by_step(ask: Make) -> None:
    whole = Proposal(None, "mine", failure="no idea")
    script = Scripted(["one", {"kernel": "two"}, None, whole])
    found = [script.propose(ask(number=n)) for n in range(1, 6)]
    assert [p.components for p in found] == [{"kernel": "one"}, {"kernel": "two"}, None, None, None]
    assert (found[2].failure, found[3], found[4].exhausted) == ("no answer", whole, True)
    assert script.ceiling(ask()) is None


def test_a_function_sees_the_request(ask: Make) -> None:
    def rewrite(request: Request) -> str:
        return request.parent.candidate.components[request.component] + f"// {request.number}\n"

    request = ask("int x;\n", number=7)
    assert Scripted(rewrite).propose(request).components == {"kernel": "int x;\n// 7\n"}


def test_one_text_is_no_script() -> None:
    with pytest.raises(InputError, match="a sequence of texts or a function"):
        Scripted("int x;")


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_scripted_run(tmp_path: Path, jobs: int) -> None:
    settings = Settings(budget=Budget(10), jobs=jobs)
    script = Scripted([WRONG, VECTORS, RESTRICT], width=3)
    found = session.optimize("axpy_bf16", settings, tmp_path / "run", proposer=script)
    assert found.best.candidate.source == RESTRICT
    assert found.best.candidate.origin == "scripted"
    assert found.confirmed and found.spend.candidates == 3 and found.spend.calls == 0
    again = session.go_on(tmp_path / "run", proposer=script)
    assert [a.candidate.id for a in again.attempts] == [a.candidate.id for a in found.attempts]


def test_proposers_by_name() -> None:
    model = Model("openai/x", price_in=1, price_out=1)
    made: Proposer = proposers.make(Settings("llm", model=model))
    assert isinstance(made, Llm)
    assert (made.name, made.width, made.crosses) == ("llm", 4, True)
    assert proposers.make(Settings()).name == "playbook"
    with pytest.raises(InputError, match="add --model"):
        proposers.make(Settings("llm"))
    with pytest.raises(InputError, match="unknown proposer"):
        proposers.make(Settings("oracle"))
