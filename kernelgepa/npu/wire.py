"""Requests to a worker and its answers, as bytes. The answer is untrusted and checked here."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu.pipeline import Linked
from kernelgepa.protocols import Case, CaseResult, Execution
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.serial import from_plain, to_plain
from kernelgepa.task import Interface
from kernelgepa.verdict import Diagnostic, Profile, Stage

ANSWER_BYTES = 32 << 20
DIAGNOSTICS = 100
TEXT_CHARACTERS = 2000


def _pack(data: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(raw).decode("ascii") for name, raw in data.items()}


def _unpack(data: Mapping[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(text, validate=True) for name, text in data.items()}


@dataclass(frozen=True)
class Request:
    """What a worker needs; never an expected value, never a secret.

    `keep`: return what was linked. `linked`: run this, which the same source was linked to before.
    """

    source: str
    interface: Interface
    cases: Sequence[Case]
    library: Sequence[str]
    keep: bool = False
    linked: Linked | None = None


def request(wanted: Request) -> bytes:
    return json.dumps(
        {
            "source": wanted.source,
            "interface": to_plain(wanted.interface),
            "library": list(wanted.library),
            "keep": wanted.keep,
            "linked": _pack_linked(wanted.linked),
            "cases": [
                {
                    "name": c.name,
                    "inputs": _pack(c.inputs),
                    "output_bytes": dict(c.output_bytes),
                    "scalars": dict(c.scalars),
                    "profile": c.profile,
                }
                for c in wanted.cases
            ],
        }
    ).encode()


def read_request(raw: bytes) -> Request:
    data = json.loads(raw)
    cases = [
        Case(c["name"], _unpack(c["inputs"]), c["output_bytes"], c["scalars"], c["profile"])
        for c in data["cases"]
    ]
    return Request(
        data["source"],
        from_plain(Interface, data["interface"]),
        cases,
        data["library"],
        data["keep"],
        _unpack_linked(data["linked"]),
    )


def _pack_linked(linked: Linked | None) -> Any:
    if linked is None:
        return None
    return {
        "binary": base64.b64encode(linked.binary).decode("ascii"),
        "counters": list(linked.counters),
        "site_lines": list(linked.site_lines),
        "mutable": [list(pair) for pair in linked.mutable],
        "constant_bytes": linked.constant_bytes,
    }


def _unpack_linked(data: Any) -> Linked | None:
    if data is None:
        return None
    return Linked(
        base64.b64decode(data["binary"], validate=True),
        tuple(str(n) for n in data["counters"]),
        tuple(None if n is None else int(n) for n in data["site_lines"]),
        tuple((str(n), int(size)) for n, size in data["mutable"]),
        int(data["constant_bytes"]),
    )


def answer(execution: Execution, linked: Linked | None) -> bytes:
    return json.dumps(
        {
            "stage": int(execution.stage),
            "diagnostics": to_plain(execution.diagnostics),
            "linked": _pack_linked(linked),
            "cases": [
                {
                    "name": c.name,
                    "outputs": _pack(c.outputs),
                    "diagnostics": to_plain(c.diagnostics),
                    "profile": to_plain(c.profile),
                }
                for c in execution.cases
            ],
        }
    ).encode()


def read_answer(raw: bytes, cases: Sequence[Case]) -> tuple[Execution, Linked | None]:
    """Checks form and sizes. Raises InfrastructureError where a worker answered nonsense."""
    try:
        data: Any = loads(raw, max_bytes=ANSWER_BYTES)
        results = tuple(
            _result(part, case) for part, case in zip(data["cases"], cases, strict=False)
        )
        stage = Stage(data["stage"])
        notes = _notes(data["diagnostics"])
        linked = _unpack_linked(data["linked"])
        if stage > Stage.COMPARE:
            raise ValueError("a worker does not decide what is correct")
        if stage >= Stage.RUN and len(results) != len(cases):
            raise ValueError("results are missing")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        why = str(error)[:300]
        raise InfrastructureError(f"a worker gave an answer that is not valid: {why}") from error
    return Execution(stage, notes, results), linked


def _notes(data: Sequence[Any]) -> tuple[Diagnostic, ...]:
    """Diagnostics as they may be shown: bounded, and without anything a terminal obeys."""
    found = [from_plain(Diagnostic, d) for d in data[:DIAGNOSTICS]]
    return tuple(
        replace(d, message=_shown(d.message), source=_shown(d.source), code=_shown(d.code))
        for d in found
    )


def _shown(text: str) -> str:
    kept = text[:TEXT_CHARACTERS].replace("\t", " ")
    return "".join(c if c.isprintable() else "\ufffd" for c in kept)


def _result(part: Mapping[str, Any], case: Case) -> CaseResult:
    outputs = _unpack(part["outputs"])
    notes = _notes(part["diagnostics"])
    if not notes and {n: len(v) for n, v in outputs.items()} != dict(case.output_bytes):
        raise ValueError("an output has the wrong size")
    if part["name"] != case.name:
        raise ValueError("results are out of order")
    profile = None if part["profile"] is None else from_plain(Profile, part["profile"])
    return CaseResult(case.name, outputs, notes, profile)
