"""The proposer against a server on loopback that answers in every way a server may."""

from __future__ import annotations

import json
import re
import socket
import threading
from dataclasses import replace

import pytest

from kernelgepa.errors import InputError
from kernelgepa.llm.answers import Answers
from kernelgepa.llm.client import Patience
from kernelgepa.llm.proposer import Llm
from kernelgepa.llm.trouble import retry_after
from kernelgepa.protocols import Proposal
from kernelgepa.runs.settings import Model
from tests.llm.conftest import Make
from tests.llm.server import KEY, Reply, Server, serving

READ, WRITTEN = 3.0, 15.0
GOOD = "void axpy_bf16() {}\n"
WELL = Reply(f"Change: less.\n\n```cpp\n{GOOD}```\n")
QUICK = Patience(tries=4, first_tries=2, first=0.001, longest=0.01, asked=5.0)


def made(server: Server, answers: Answers | None = None, **parts: object) -> Llm:
    given = {"max_tokens": 500, "price_in": READ, "price_out": WRITTEN, "timeout": 20.0, **parts}
    model = Model("openai/x", server.url, **given)  # type: ignore[arg-type]
    return Llm(model, answers=answers, patience=QUICK)


def said(reply: Reply, ask: Make, **parts: object) -> tuple[Proposal, Server, float]:
    """What one request to a server that always answers so comes to, and what it was to cost."""
    with serving(lambda asked: reply) as server:
        llm = made(server, **parts)
        return llm.propose(ask()), server, llm.ceiling(ask())


def test_a_good_answer_is_a_child_at_the_price_of_the_servers_own_count(ask: Make) -> None:
    proposal, server, ceiling = said(WELL, ask)
    assert proposal.components == {"kernel": GOOD}
    assert (proposal.origin, proposal.note) == ("llm/mutation", "less.")
    assert proposal.answer == WELL.text
    (charge,) = server.ledger
    usage = proposal.usage
    assert (usage.calls, usage.tokens_in, usage.tokens_out) == (
        1, charge.tokens_in, charge.tokens_out
    )  # fmt: skip
    assert usage.usd == pytest.approx(server.usd(READ, WRITTEN), abs=1e-9)
    assert 0 < usage.usd <= ceiling
    assert not usage.estimated and not usage.cached


def test_what_is_sent(ask: Make) -> None:
    _, server, _ = said(WELL, ask, temperature=0.25)
    (asked,) = server.asked
    assert asked.key == f"Bearer {KEY}"
    assert (asked.body["model"], asked.body["max_tokens"]) == ("x", 500)
    assert asked.body["temperature"] == 0.25
    assert [m["role"] for m in asked.body["messages"]] == ["system", "user"]
    assert ask().parent.candidate.source.rstrip() in asked.prompt
    assert KEY not in asked.prompt


def test_a_server_of_ones_own_needs_no_key(ask: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    proposal, server, _ = said(WELL, ask)
    assert proposal.components is not None
    assert KEY not in server.asked[0].key


COUNTED = {
    "length": (Reply("```cpp\nvoid f() {", finish="length"), "truncated"),
    "length with a whole block": (Reply(WELL.text, finish="length"), "truncated"),
    "unclosed": (Reply("```cpp\nvoid f() {"), "truncated"),
    "content filter": (Reply(None, finish="content_filter"), "filtered"),
    "empty": (Reply(""), "empty"),
    "null": (Reply(None), "empty"),
    "prose": (Reply("I would rather talk."), "prose"),
    "unusable edit": (
        Reply("```cpp\n<<<<<<< SEARCH\nnowhere\n=======\nx\n>>>>>>> REPLACE\n```"),
        "edits",
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_a_useless_answer_is_charged_and_gives_no_child(name: str, ask: Make) -> None:
    reply, failure = COUNTED[name]
    proposal, server, _ = said(reply, ask)
    assert proposal.components is None
    assert (proposal.failure, bool(proposal.note)) == (failure, True)
    assert proposal.usage.usd == pytest.approx(server.usd(READ, WRITTEN), abs=1e-9)
    assert (proposal.usage.calls, proposal.usage.estimated) == (1, False)
    assert len(server.asked) == 1


def message(**parts: object) -> Reply:
    said = {"role": "assistant", "content": None, **parts}
    choice = {"index": 0, "finish_reason": "stop", "message": said}
    return Reply("", extra={"choices": [choice]})


TOOL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
INSTEAD = {
    "tool": (message(tool_calls=[TOOL]), "it calls a tool"),
    "refusal": (message(refusal="I will\nnot"), "the model refuses: I will not"),
    "reasoning": (message(content="", reasoning_content="Hm."), "reasoning only; .*--max-tokens"),
}


@pytest.mark.parametrize("name", INSTEAD)
def test_an_empty_answer_says_what_it_has_instead(name: str, ask: Make) -> None:
    reply, expected = INSTEAD[name]
    proposal, _, _ = said(reply, ask)
    assert proposal.failure == "empty"
    assert re.match(f"the answer is empty: .*{expected}", proposal.note)


def test_what_a_server_said_is_shown_without_what_the_library_puts_around_it(ask: Make) -> None:
    proposal, _, _ = said(message(content=[{"type": "text", "text": "x"}]), ask)
    assert proposal.failure == "garbage"
    assert not re.search("Traceback|litellm|Exception -|File ", proposal.note)


UNSURE = {
    "dropped": (Reply(drop=True), "timeout"),
    "gateway timeout": (Reply("slow", status=504), "timeout"),
    "html": (Reply(raw=b"<html>Bad gateway</html>"), "garbage"),
    "half of a body": (Reply(raw=b'{"id": "x", "choices": [{'), "garbage"),
    "empty body": (Reply(raw=b""), "garbage"),
    "empty object": (Reply(raw=b"{}"), "garbage"),
    "list": (Reply(raw=b"[1, 2]"), "garbage"),
    "null": (Reply(raw=b"null"), "garbage"),
    "no choices": (Reply("x", extra={"choices": []}), "garbage"),
    "choices are text": (Reply("x", extra={"choices": "no"}), "garbage"),
    "a choice is null": (Reply("x", extra={"choices": [None]}), "garbage"),
    "usage is text": (Reply("x", extra={"usage": {"prompt_tokens": "many"}}), "garbage"),
    "an error with status 200": (Reply(raw=b'{"error": {"message": "no"}}'), "garbage"),
}


@pytest.mark.parametrize("name", UNSURE)
def test_what_may_have_been_charged_counts_in_full_and_is_not_asked_again(
    name: str, ask: Make
) -> None:
    reply, failure = UNSURE[name]
    proposal, server, ceiling = said(reply, ask)
    assert (proposal.components, proposal.failure) == (None, failure)
    assert len(server.asked) == 1
    assert proposal.usage.usd == ceiling
    assert proposal.usage.estimated


def test_an_answer_that_does_not_come_in_time(ask: Make) -> None:
    held = threading.Event()
    try:
        proposal, server, ceiling = said(Reply(WELL.text, hold=held), ask, timeout=1.0)
    finally:
        held.set()
    assert (proposal.components, proposal.failure) == (None, "timeout")
    assert (proposal.usage.usd, proposal.usage.estimated) == (ceiling, True)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7},
        {"prompt_tokens": 7, "completion_tokens": -1, "total_tokens": 6},
    ],
)
def test_where_the_server_does_not_count_all_that_was_reserved_is_charged(
    usage: object, ask: Make
) -> None:
    proposal, _, ceiling = said(Reply(WELL.text, extra={"usage": usage}), ask)
    assert proposal.components == {"kernel": GOOD}
    assert (proposal.usage.usd, proposal.usage.estimated) == (ceiling, True)
    assert proposal.usage.tokens_in > 0 and proposal.usage.tokens_out > 0


def test_a_server_that_counts_more_than_can_be_is_believed_and_reported(ask: Make) -> None:
    usage = {"prompt_tokens": 10**7, "completion_tokens": 10, "total_tokens": 10**7 + 10}
    proposal, _, ceiling = said(Reply(WELL.text, extra={"usage": usage}), ask)
    assert proposal.usage.usd == pytest.approx(30.00015)
    assert proposal.usage.usd > ceiling
    assert "more than reserved" in proposal.note


def test_the_ceiling_holds_for_every_tokenizer_with_a_byte_in_each_token(ask: Make) -> None:
    request = ask("void f() { /* ä漢😀 */ }\n")
    with serving(lambda asked: WELL) as server:
        llm = made(server)
        llm.propose(request)
        sent = sum(len(m["content"].encode()) for m in server.asked[0].body["messages"])
        assert llm.ceiling(request) > (sent * READ + 500 * WRITTEN) / 1e6


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_a_busy_server_is_asked_again_and_charges_once(status: int, ask: Make) -> None:
    busy = Reply("busy", status=status, headers={"Retry-After": "0.01"})
    with serving(lambda asked: busy if asked.number < 4 else WELL) as server:
        proposal = made(server).propose(ask())
    assert proposal.components == {"kernel": GOOD}
    assert len(server.asked) == 4
    assert proposal.usage.usd == pytest.approx(server.usd(READ, WRITTEN), abs=1e-9)
    assert proposal.usage.calls == 1


@pytest.mark.parametrize(("status", "failure"), [(429, "rate limited"), (503, "unavailable")])
def test_a_server_that_stays_busy_costs_nothing(status: int, failure: str, ask: Make) -> None:
    proposal, server, _ = said(Reply("busy", status=status), ask)
    assert (proposal.components, proposal.failure) == (None, failure)
    assert proposal.usage.usd == 0 and proposal.usage.calls == 0
    assert len(server.asked) == QUICK.tries


def test_a_long_wait_is_told_of_while_it_lasts(ask: Make, caplog: pytest.LogCaptureFixture) -> None:
    with serving(lambda asked: Reply("busy", status=429)) as server:
        model = Model("openai/x", server.url, max_tokens=500, price_in=READ, price_out=WRITTEN)
        Llm(model, patience=replace(QUICK, told=0.0)).propose(ask())
    first, *others = caplog.messages
    assert re.match(r"openai/x: waiting 0 s, then asking again \(2 of at most 4 times\): ", first)
    assert len(others) == QUICK.tries - 2


def test_a_wait_that_is_too_long_is_not_waited_for(ask: Make) -> None:
    proposal, server, _ = said(Reply("busy", status=429, headers={"Retry-After": "3600"}), ask)
    assert proposal.failure == "rate limited"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "tries"), [(Reply("busy", status=503), 4), (Reply(drop=True), 1)]
)
def test_a_server_that_is_down_for_good_ends_the_run(reply: Reply, tries: int, ask: Make) -> None:
    with serving(lambda asked: reply) as server:
        llm = made(server)
        made_of = []
        with pytest.raises(InputError, match="3 requests in a row were not answered"):
            for number in range(1, 9):
                made_of.append(llm.propose(ask(number=number)))
        assert len(server.asked) == 3 * tries
        assert all(p.components is None for p in made_of)


def test_answers_between_keep_the_run_alive(ask: Make) -> None:
    busy = Reply("busy", status=503, headers={"Retry-After": "0"})
    with serving(lambda asked: WELL if asked.number % 5 == 0 else busy) as server:
        llm = made(server)
        found = [llm.propose(ask(number=n)).components is not None for n in range(1, 11)]
    assert found == [False, True] * 5


FATAL = {
    401: "key is missing or not accepted",
    402: "no credit",
    403: "access was denied",
    404: "check --model and --api-base",
    400: "check --model, --max-tokens",
    422: "check --model, --max-tokens",
}


@pytest.mark.parametrize("status", FATAL)
def test_what_can_never_succeed_is_one_sentence_without_the_key(status: int, ask: Make) -> None:
    reply = Reply(f"Incorrect key provided: {KEY}\nsecond line", status=status)
    with serving(lambda asked: reply) as server, pytest.raises(InputError) as caught:
        made(server).propose(ask())
    message = str(caught.value)
    assert FATAL[status] in message and "openai/x" in message
    assert KEY not in message and "\n" not in message
    assert len(server.asked) == 1


def test_no_credit_is_not_taken_for_a_rate_limit(ask: Make) -> None:
    reply = Reply(
        "You exceeded your current quota", status=429, extra={"code": "insufficient_quota"}
    )
    with serving(lambda asked: reply) as server, pytest.raises(InputError, match="no credit left"):
        made(server).propose(ask())
    assert len(server.asked) == 1


def test_a_request_that_is_refused_after_others_were_answered_is_a_failed_proposal(
    ask: Make,
) -> None:
    bad = Reply("cannot do that", status=400)
    with serving(lambda asked: WELL if asked.number == 1 else bad) as server:
        llm = made(server)
        assert llm.propose(ask()).components is not None
        proposal = llm.propose(ask(number=2))
    assert (proposal.failure, proposal.usage.usd) == ("refused", 0)


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (400, "This model's maximum context length is 4096 tokens", "prompt too long"),
        (413, "Payload", "prompt too long"),
        (400, "blocked by content management policy", "filtered"),
    ],
)
def test_a_prompt_that_is_not_taken_costs_nothing(
    status: int, text: str, failure: str, ask: Make
) -> None:
    proposal, _, _ = said(Reply(text, status=status), ask)
    assert (proposal.components, proposal.failure, proposal.usage.usd) == (None, failure, 0)


def test_no_server_at_all(ask: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        base = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        llm = Llm(Model("openai/x", base, price_in=1, price_out=1), patience=QUICK)
        with pytest.raises(InputError, match=r"no server can be reached.*\(2 tries\)"):
            llm.propose(ask())


@pytest.mark.parametrize("base", ["nonsense", "ftp://127.0.0.1/v1", "http://", "http://[::1/v1"])
def test_no_address(base: str) -> None:
    with pytest.raises(InputError, match=r"--api-base.*not an address"):
        Llm(Model("openai/x", base, price_in=1, price_out=1))


def test_a_password_in_an_address_is_refused_unseen() -> None:
    with pytest.raises(InputError, match="give the key in the environment") as caught:
        Llm(Model("openai/x", "http://me:hush@127.0.0.1/v1", price_in=1, price_out=1))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "want"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
    ],
)
def test_what_a_server_asks_to_wait(headers: dict[str, str], want: float | None) -> None:
    assert retry_after(headers) == want


def test_waits_double_and_are_bounded() -> None:
    patience = Patience(first=1.0, longest=8.0)
    for number, least in ((1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (9, 8.0)):
        assert least <= patience.wait(number, None) <= 1.25 * least
    assert patience.wait(1, 30.0) == 30.0


def test_a_key_that_a_server_echoes_is_kept_nowhere(ask: Make) -> None:
    proposal, _, _ = said(Reply(f"Change: {KEY}.\n\n```cpp\n// {KEY}\n{GOOD}```\n"), ask)
    assert proposal.components == {"kernel": f"// [key]\n{GOOD}"}
    assert KEY not in repr(proposal)


@pytest.mark.parametrize("name", ["nonsuch", "nonsuch/x"])
def test_no_such_provider(name: str, ask: Make) -> None:
    llm = Llm(Model(name, price_in=1, price_out=1), patience=QUICK)
    with pytest.raises(InputError, match=f"model {name}"):
        llm.propose(ask())


def test_a_missing_key_is_said_to_be_missing(ask: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    llm = Llm(Model("openai/x", price_in=1, price_out=1), patience=QUICK)
    with pytest.raises(InputError, match="key is missing"):
        llm.propose(ask())


def test_an_answer_is_paid_for_once(ask: Make) -> None:
    with serving(lambda asked: WELL) as server:
        first = made(server, Answers()).propose(ask())
        again = made(server, Answers()).propose(ask())
        assert again.components == first.components
        assert again.answer == first.answer
        assert again.usage.cached and again.usage.usd == 0 and again.usage.calls == 0
        assert len(server.asked) == 1
        made(server, Answers()).propose(ask(asked_before=1))
        made(server, Answers(), max_tokens=400).propose(ask())
        made(server).propose(ask())
        assert len(server.asked) == 4


@pytest.mark.parametrize("text", ["", "{", "[]", '{"text": 1}', '{"text": "x", "more": 1}'])
def test_a_damaged_cache_is_as_none(text: str, ask: Make) -> None:
    with serving(lambda asked: WELL) as server:
        made(server, Answers()).propose(ask())
        from kernelgepa.llm.answers import default_directory  # noqa: PLC0415

        (path,) = default_directory().rglob("*.json")
        path.write_text(text)
        assert not made(server, Answers()).propose(ask()).usage.cached
        assert made(server, Answers()).propose(ask()).usage.cached


def test_failures_without_an_answer_are_not_cached(ask: Make) -> None:
    with serving(lambda asked: Reply(drop=True) if asked.number == 1 else WELL) as server:
        assert made(server, Answers()).propose(ask()).components is None
        assert made(server, Answers()).propose(ask()).components is not None


def test_the_key_is_in_no_cached_answer(ask: Make) -> None:
    with serving(lambda asked: WELL) as server:
        made(server, Answers()).propose(ask())
    from kernelgepa.llm.answers import default_directory  # noqa: PLC0415

    (path,) = default_directory().rglob("*.json")
    assert KEY not in path.read_text() and KEY not in path.name
    assert json.loads(path.read_text())["text"] == WELL.text


def test_calls_from_several_threads_are_each_charged(ask: Make) -> None:
    with serving(lambda asked: WELL) as server:
        llm = made(server)
        found: list[Proposal] = []
        threads = [
            threading.Thread(target=lambda n=n: found.append(llm.propose(ask(number=n))))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = sum(p.usage.usd or 0 for p in found)
        assert len(found) == len(server.ledger) == 8
        assert total == pytest.approx(server.usd(READ, WRITTEN), abs=1e-8)


def test_a_model_of_unknown_price(ask: Make) -> None:
    with serving(lambda asked: WELL) as server:
        model = Model("openai/x", server.url, max_tokens=500)
        llm = Llm(model, patience=QUICK)
        proposal = llm.propose(ask())
        assert proposal.usage.usd is None and proposal.usage.tokens_in > 0
        assert llm.ceiling(ask()) == 0
        with pytest.raises(InputError, match="--price-in and --price-out"):
            Llm(model, usd=1.0)
