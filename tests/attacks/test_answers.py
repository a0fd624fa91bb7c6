"""Answers a broken or hostile worker could give: read with bounds, or our own failure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import wire
from kernelgepa.protocols import Case, CaseResult, Execution
from kernelgepa.verdict import Diagnostic, Stage

CASE = Case("one", {"in": b"1234"}, {"out": 4}, {}, profile=False)


def honest() -> dict[str, Any]:
    result = CaseResult("one", {"out": b"abcd"})
    answer: dict[str, Any] = json.loads(wire.answer(Execution(Stage.COMPARE, (), (result,)), None))
    return answer


def read(answer: object) -> Execution:
    return wire.read_answer(json.dumps(answer).encode(), [CASE])[0]


def test_an_honest_answer_is_read():
    execution = read(honest())
    assert execution.stage is Stage.COMPARE
    assert execution.cases[0].outputs == {"out": b"abcd"}


def test_text_of_a_worker_is_bounded_and_harmless():
    answer = honest()
    note = {"message": "\x1b[2J\ud800" + "x" * 9000, "severity": "error", "line": 1, "column": 1}
    answer["diagnostics"] = [{**note, "source": "\u202e\x07", "code": ""}] * 500
    notes = read(answer).diagnostics
    assert len(notes) <= 100
    assert all(len(n.message) <= 2000 and n.message.isprintable() for n in notes)
    assert all(n.source.isprintable() for n in notes)
    assert isinstance(notes[0], Diagnostic)


def _set(*path: Any, to: object) -> Callable[[dict[str, Any]], None]:
    def change(answer: dict[str, Any]) -> None:
        at: Any = answer
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("stage", to=int(Stage.CORRECT)),
        _set("stage", to="COMPARE"),
        _set("stage", to=99),
        _set("stage", to=None),
        _set("cases", to=[]),
        _set("cases", to=None),
        _set("cases", to=[5]),
        _set("cases", 0, "name", to="other"),
        _set("cases", 0, "outputs", to={}),
        _set("cases", 0, "outputs", to={"out": base64.b64encode(b"abc").decode()}),
        _set("cases", 0, "outputs", to={"out": base64.b64encode(b"abcde").decode()}),
        _set("cases", 0, "outputs", to={"else": base64.b64encode(b"abcd").decode()}),
        _set("cases", 0, "outputs", to={"out": "not base 64"}),
        _set("cases", 0, "outputs", to={"out": 7}),
        _set("cases", 0, "outputs", to=[1]),
        _set("cases", 0, "profile", to={"cycles": 1}),
        _set("cases", 0, "profile", to=[]),
        _set("cases", 0, "diagnostics", to=[{"message": 5}]),
        _set("diagnostics", to=[{"message": ["x"], "severity": "error"}]),
        _set("diagnostics", to=[{"message": "x", "severity": "fatal"}]),
        _set("diagnostics", to=[{"message": "x", "line": "seven"}]),
        _set("diagnostics", to=7),
        _set("linked", to={"binary": "x"}),
    ],
)
def test_an_answer_of_another_form_is_our_own_failure(change: Callable[[dict[str, Any]], None]):
    answer = honest()
    change(answer)
    with pytest.raises(InfrastructureError, match="worker"):
        read(answer)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"stage": NaN}',
        b'{"stage": 4, "stage": 4}',
        b"{" + b'"a": 1,' * 10,
        b'{"stage": ' + b"9" * 5000 + b"}",
        b"x" * (wire.ANSWER_BYTES + 1),
    ],
)
def test_bytes_that_are_no_answer_are_our_own_failure(raw: bytes):
    with pytest.raises(InfrastructureError, match="worker"):
        wire.read_answer(raw, [CASE])
