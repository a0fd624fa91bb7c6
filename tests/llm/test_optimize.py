"""Whole runs on a bundled task, with a server on loopback as the model."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kernelgepa import session
from kernelgepa.cli import main
from kernelgepa.cli.progress import spent
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.result import Result, Step
from kernelgepa.errors import InputError
from kernelgepa.llm.answers import Answers
from kernelgepa.llm.client import Patience
from kernelgepa.llm.proposer import Llm
from kernelgepa.runs.settings import Model, Settings
from kernelgepa.tasks import load
from tests.llm.server import KEY, Asked, Charge, Reply, Server, serving

READ, WRITTEN = 3.0, 15.0
QUICK = Patience(tries=4, first_tries=2, first=0.001, longest=0.01)
HEAD = '#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'


def kernel(buffer: str, step: int, middle: str = "aie::mac(sum, a, aie::load_v<16>(x + i))") -> str:
    return f"""{HEAD}
void axpy_bf16(bfloat16 *{buffer} x, bfloat16 *{buffer} y, bfloat16 *{buffer} out,
               bfloat16 alpha) {{
    const auto a = aie::broadcast<bfloat16, 16>(alpha);
    for (int i = 0; i < 1024; i += {step}) {{
        aie::accum<accfloat, 16> sum(aie::load_v<16>(y + i));
        sum = {middle};
        aie::store_v(out + i, sum.to_vector<bfloat16>());
    }}
}}
"""


VECTORS = kernel("", 16)
RESTRICT = kernel("__restrict", 16)
WRONG = kernel("__restrict", 32)
NO_SUCH_NAME = kernel("__restrict", 16, "aie::fused_axpy(sum, a)")


def block(text: str, said: str = "") -> str:
    return f"Change: {said or 'try'}.\n\n```cpp\n{text}```\n"


AGAIN = {"Retry-After": "0.01"}
# Those without an answer are far apart: three in a row end a run, in whatever order they come.
SAID: dict[str, Reply] = {
    "busy": Reply("slow down", status=429, headers=AGAIN),
    "vectors": Reply(block(VECTORS, "vectors"), pause=0.3),  # slowly
    "not at all": Reply("never", hold=threading.Event()),
    "cut off": Reply("Change: x.\n\n```cpp\nvoid axpy_bf16(", finish="length"),
    "broken": Reply("oops", status=500, headers=AGAIN),
    "no such name": Reply(block(NO_SUCH_NAME)),
    "wrong": Reply(block(WRONG)),
    "two blocks": Reply(f"First:\n\n```cpp\nint nonsense;\n```\n\n{block(RESTRICT, 'restrict')}"),
    "prose": Reply("The kernel is fine as it is."),
    "two edits": Reply(
        "Change: two at a time.\n\n```cpp\n<<<<<<< SEARCH\nnothing of it\n=======\nx\n"
        ">>>>>>> REPLACE\n```\n"
    ),
    "garbage": Reply(raw=b"<html>502</html>"),
    "the parent": Reply(block(RESTRICT)),
    "uncounted": Reply("Nothing more.", counted=False),
    "empty": Reply(""),
    "dropped": Reply(drop=True),
}


def told(replies: Sequence[Reply]) -> Callable[[Asked], Reply]:
    """Each reply once, then prose."""

    def answer(asked: Asked) -> Reply:
        return replies[asked.number - 1] if asked.number <= len(replies) else SAID["prose"]

    return answer


def run(server: Server, out: Path, jobs: int = 1, **parts: object) -> tuple[Result, list[Step]]:
    given = {"max_tokens": 2000, "price_in": READ, "price_out": WRITTEN, "timeout": 6.0}
    model = Model("openai/x", server.url, **given)  # type: ignore[arg-type]
    settings = Settings("llm", Budget(8, **parts), model=model, jobs=jobs)  # type: ignore[arg-type]
    steps: list[Step] = []
    llm = Llm(model, settings.budget.usd, answers=Answers(), patience=QUICK)
    found = session.optimize("axpy_bf16", settings, out, steps.append, llm)
    return found, steps


def everything_in(*folders: Path) -> bytes:
    return b"".join(
        str(p).encode() + p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()
    )


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_server_that_answers_in_every_way_improves_a_kernel(tmp_path: Path, jobs: int) -> None:
    with serving(told(list(SAID.values()))) as server:
        found, steps = run(server, tmp_path / "run", jobs)
        bill, ledger = server.usd(READ, WRITTEN), list(server.ledger)
    assert found.confirmed
    assert found.best.candidate.source == RESTRICT
    assert found.speedup > 100

    # No failure became a candidate or has a score: these are all there ever were.
    seed = load("axpy_bf16").seeds["canonical"]
    judged = [a.candidate.source for a in found.attempts]
    assert sorted(judged) == sorted([seed, VECTORS, NO_SUCH_NAME, WRONG, RESTRICT])
    assert sorted(p.name for p in (tmp_path / "run" / "candidates").iterdir()) == sorted(
        a.candidate.id for a in found.attempts[1:]
    )
    failed = {s.outcome.proposal.failure for s in steps if s.attempt is None}
    assert {"truncated", "garbage", "timeout", "prose", "edits", "empty"} <= failed
    for step in steps:
        if step.outcome.proposal.failure:
            assert step.outcome.candidate is None and step.gain == 0
            assert step.outcome.proposal.note

    # Dollars and tokens against the server's own ledger.
    usages = [s.outcome.proposal.usage for s in steps]
    counted = [u for u in usages if u.calls and not u.estimated]
    uncounted = [u for u in usages if u.estimated]
    assert len(uncounted) == 4  # not at all, garbage, dropped, uncounted
    assert len(counted) == len(ledger) - 1
    free = next(c for c in ledger if c.tokens_out == 2)  # "Nothing more."
    assert sum(u.tokens_in for u in counted) == sum(c.tokens_in for c in ledger) - free.tokens_in
    assert sum(u.tokens_out for u in counted) == sum(c.tokens_out for c in ledger) - 2
    exact = bill - Server.bill([free], READ, WRITTEN)
    assert sum(u.usd or 0 for u in counted) == pytest.approx(exact, abs=1e-7)
    assert found.spend.usd == pytest.approx(sum(u.usd or 0 for u in usages), abs=1e-7)
    assert found.spend.usd >= bill
    assert found.spend.calls == len(counted) + 4

    assert KEY.encode() not in everything_in(tmp_path)


def test_what_was_answered_is_in_the_journal(tmp_path: Path) -> None:
    with serving(told([SAID["vectors"], SAID["cut off"]])) as server:
        run(server, tmp_path / "run")
    lines = (tmp_path / "run" / "events.jsonl").read_text().splitlines()
    made = [e for e in map(json.loads, lines) if e["event"] == "proposed"]
    answers = [e["proposal"]["answer"] for e in made]
    assert answers[:2] == [SAID["vectors"].text, SAID["cut off"].text]


def test_a_run_can_be_replayed_at_no_cost(tmp_path: Path) -> None:
    replies = [SAID[n] for n in ("vectors", "wrong", "no such name", "two blocks")]
    with serving(told(replies)) as server:
        first, _ = run(server, tmp_path / "one")
        paid = len(server.asked)
        again, steps = run(server, tmp_path / "two")
        assert len(server.asked) == paid
    assert [a.candidate.id for a in again.attempts] == [a.candidate.id for a in first.attempts]
    assert first.spend.usd > 0 and again.spend.usd == 0
    assert all(s.outcome.proposal.usage.cached for s in steps)


@pytest.mark.parametrize(("usd", "jobs"), [(0.02, 4), (0.1, 1), (0.25, 1), (0.25, 4)])
def test_the_dollars_are_never_exceeded(tmp_path: Path, usd: float, jobs: int) -> None:
    """With a server that charges a token for every byte read, and the longest answer."""

    def dearest(asked: Asked) -> Reply:
        read = sum(len(m["content"].encode()) for m in asked.body["messages"])
        text = kernel("", 16).replace("1024", f"{1024 + asked.number}")
        return Reply(block(text), tokens=(read, asked.body["max_tokens"]))

    with serving(dearest) as server:
        found, _ = run(server, tmp_path / "run", jobs, usd=usd)
        bill = server.usd(READ, WRITTEN)
        calls = len(server.asked)
    assert bill <= usd
    assert found.spend.charged == pytest.approx(bill, abs=1e-7)
    assert "do not cover another call" in found.stopped
    assert calls == 0 if usd == 0.02 else calls > 0


def test_a_server_that_counts_more_than_was_reserved_ends_the_calls(tmp_path: Path) -> None:
    """Also those that were decided before its answer came, and when the run goes on."""
    dear = Reply(block(kernel("", 16)), tokens=(10**9, 10**9))
    with serving(lambda asked: dear) as server:
        found, steps = run(server, tmp_path / "run", usd=1.0)
        again = session.go_on(tmp_path / "run", proposer=Llm(Model("openai/x", server.url, 2000)))
        calls = len(server.asked)
    assert calls == found.spend.calls == again.spend.calls == 1
    assert {s.outcome.proposal.failure for s in steps[1:]} == {"no dollars left"}
    assert "was charged, more than $1" in found.stopped


def test_charges_that_nobody_is_sure_of_count_against_the_dollars(tmp_path: Path) -> None:
    with serving(lambda asked: Reply(drop=True)) as server:
        found, steps = run(server, tmp_path / "run", usd=0.15)
        calls = len(server.asked)
    assert found.spend.charged <= 0.15
    assert found.spend.usd == pytest.approx(
        sum(s.outcome.decision.ceiling or 0 for s in steps), abs=1e-7
    )
    assert calls == len(steps) == found.spend.calls == found.spend.estimated
    assert f"{calls} calls estimated)" in spent(found.spend)
    assert found.best is found.seed


def test_a_server_that_is_down_ends_the_run_so_that_it_can_be_resumed(tmp_path: Path) -> None:
    down = threading.Event()

    def answer(asked: Asked) -> Reply:
        if down.is_set():
            return Reply("maintenance", status=503, headers=AGAIN)
        if asked.number == 1:
            down.set()
            return SAID["vectors"]
        return SAID["two blocks"]

    with serving(answer) as server:
        with pytest.raises(InputError, match="not answered"):
            run(server, tmp_path / "run")
        down.clear()
        model = Model("openai/x", server.url, 2000, price_in=READ, price_out=WRITTEN, timeout=6.0)
        llm = Llm(model, patience=QUICK)
        found = session.go_on(tmp_path / "run", proposer=llm)
        bill = server.usd(READ, WRITTEN)
    assert found.best.candidate.source == RESTRICT
    assert found.spend.charged == pytest.approx(bill, abs=1e-7)


def called(arguments: Sequence[str]) -> int:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return int(caught.value.code or 0)


def test_the_command_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = ("busy", "vectors", "cut off", "two blocks")
    with serving(told([SAID[n] for n in names])) as server:
        code = called(
            [
                "optimize", "axpy_bf16", "--model", "openai/x", "--api-base", server.url,
                "--price-in", "3", "--price-out", "15", "--max-tokens", "2000", "--budget", "2",
                "--usd", "1", "--timeout", "30", "--out", str(tmp_path / "run"),
            ]
        )  # fmt: skip
        bill = server.usd(READ, WRITTEN)
    out, err = capfd.readouterr()
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "proposer llm (openai/x)" in lines[0] and "$1" in lines[0]
    assert re.search(r"first call costs at most \$0\.0\d+, 2 such calls at most \$0\.\d+", lines[1])
    assert "never more than $1" in lines[1]
    assert "restrict." in out
    assert f"${bill:.4f}" in out
    first = json.loads((tmp_path / "run" / "result.json").read_text())
    assert first["spent"]["usd"] == pytest.approx(bill, abs=1e-7)
    assert KEY not in out and KEY.encode() not in everything_in(tmp_path)
    assert (tmp_path / "run" / "best" / "kernel.cc").read_text() == RESTRICT


def test_the_command_line_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(told([SAID["two blocks"]])) as server:
        called(
            [
                "optimize", "axpy_bf16", "--model", "openai/x", "--api-base", server.url, "--json",
                "--budget", "1", "--max-tokens", "2000", "--out", str(tmp_path / "run"),
            ]
        )  # fmt: skip
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [e["event"] for e in events] == ["estimate", "step", "result"]
    assert "not known" in events[0]["text"]
    assert events[-1]["spent"]["unpriced"] == 1


BAD = {
    "no model": (["--proposer", "llm"], "add --model"),
    "half a model": (["--api-base", "http://127.0.0.1:1/v1"], "add --model"),
    "unknown price": (["--model", "openai/x", "--usd", "1"], "--price-in and --price-out"),
    "one price": (["--model", "openai/x", "--price-in", "1"], "add --price-out"),
    "no number": (["--model", "openai/x", "--price-in", "nan", "--price-out", "1"], "expected"),
    "no name": (["--model", "openai/"], "expected a name"),
    "no folder": (["--model", "openai/x", "--templates", "/nowhere/at/all"], "expected a folder"),
    "no provider": (
        ["--model", "nonsuch/x", "--price-in", "1", "--price-out", "1"],
        "model nonsuch/x",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, want = BAD[name]
    code = called(["optimize", "axpy_bf16", *arguments, "--out", str(tmp_path / "run")])
    out, err = capfd.readouterr()
    assert code == 2
    assert want in err and len(err.strip().splitlines()) == 1
    assert KEY not in out + err


def test_a_refused_key_is_one_sentence_and_is_shown_nowhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda asked: Reply(f"Incorrect API key {KEY}", status=401)) as server:
        code = called(
            [
                "optimize", "axpy_bf16", "--model", "openai/x", "--api-base", server.url,
                "--out", str(tmp_path / "run"),
            ]
        )  # fmt: skip
    out, err = capfd.readouterr()
    assert code == 2 and "the key is missing or not accepted" in err
    assert len(err.strip().splitlines()) == 1
    assert KEY not in out + err and KEY.encode() not in everything_in(tmp_path)


def test_a_bad_template_costs_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "mutate.md.j2").write_text("\n{{ sourse }}")
    with serving(lambda asked: SAID["vectors"]) as server:
        code = called(
            [
                "optimize", "axpy_bf16", "--model", "openai/x", "--api-base", server.url,
                "--templates", str(folder), "--out", str(tmp_path / "run"),
            ]
        )  # fmt: skip
        assert not server.asked
    err = capfd.readouterr().err
    assert code == 2 and "mutate.md.j2, line 2" in err and "sourse" in err
    assert not (tmp_path / "run").exists()


def test_charges() -> None:
    """The ledger's own arithmetic, which everything above relies on."""
    assert Server.bill([Charge(1_000_000, 2_000_000)], 3, 15) == 33
