"""clang's messages -> diagnostics in the candidate's own lines, without any path of the machine.

An error inside a header is reported at the line of the candidate that asked for it; clang's notes
(why a candidate function was ignored, which constraint failed) are folded into the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kernelgepa.npu import instead
from kernelgepa.verdict import Diagnostic, Severity

MESSAGE_CHARACTERS = 500
STDERR_CHARACTERS = 1 << 18
REASONS = 2  # why a candidate function was ignored: at most so many
NOTES = 2  # other notes in the candidate's own text

_LOCATED = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<severity>fatal error|error|warning|note): (?P<message>.*)$"
)
_BARE = re.compile(r"^(?:\w[\w.+-]*: )?(?P<severity>fatal error|error): (?P<message>.*)$")
_INCLUDED = re.compile(r"^(?:In file included from|\s+from) (?P<file>[^:\n]+):(?P<line>\d+)[:,]")
_ASKED = re.compile(
    r"requested here|required here|^called from|^in call to |^in instantiation of "
    r"|^in evaluation of |^while substituting|^while checking"
)
_SEVERITIES: dict[str, Severity] = {
    "fatal error": "error",
    "error": "error",
    "warning": "warning",
    "note": "note",
}

_PATH = re.compile(r"(?<![\w/])/(?:[\w.+@-]+/)+(?P<last>[\w.+@-]+)")
_LAMBDA = re.compile(r"\((?:lambda|anonymous[\w ]*) at [^)]*\)")
_ALIAS = re.compile(r"'(?P<written>[^']*)' \(aka '(?P<meant>[^']*)'\)")
_SPELLINGS = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"\bunsigned char\b", "uint8_t"),
        (r"\bsigned char\b", "int8_t"),
        (r"\bunsigned short\b", "uint16_t"),
        (r"\bshort\b", "int16_t"),
        (r"<unsigned int(?=[,>])", "<uint32_t"),
        (r"<int(?=[,>])", "<int32_t"),
        (r"\b__bf16\b", "bfloat16"),
        (r"\b(\d+)U\b", r"\1"),
        (r"\b(?:aie::)?detail::", ""),
    )
)
_ASSERTED = re.compile(
    r"^static assertion failed(?: due to requirement '(?P<need>.*?)')?(?:: (?P<text>.*))?$"
)
_SAME = re.compile(r"is_same_v<(?P<types>[^<>]*(?:<[^<>]*>[^<>]*)*)>$")
_IGNORED = re.compile(
    r"^candidate (?:template ignored|function(?: template)? not viable|constructor[^:]*|[\w ]+): "
    r"(?P<why>.*)$"
)


@dataclass(frozen=True)
class Line:
    """One located line of the compiler's output; `file` is as clang wrote it."""

    file: str
    line: int
    column: int
    severity: Severity
    text: str


@dataclass(frozen=True)
class Report:
    """An error or warning with its notes; `included` is the line of the candidate's #include."""

    head: Line
    notes: tuple[Line, ...]
    included: int | None


def diagnostics(
    stderr: str, source: str, kernel_file: str, caller: str = ""
) -> tuple[Diagnostic, ...]:
    """Errors, then warnings, by line; one error for each line of the candidate.

    `caller` is said where the call of the kernel itself is wrong.
    """
    lines = source.split("\n")
    errors: dict[tuple[bool, int], Diagnostic] = {}
    warnings: list[Diagnostic] = []
    for report in _reports(stderr[:STDERR_CHARACTERS], kernel_file):
        found = _diagnostic(report, lines, kernel_file, caller)
        if found.severity == "warning":
            warnings += [found] if found.line is not None else []
            continue
        foreign = _foreign(report, kernel_file)
        errors.setdefault((foreign, found.line or len(lines) + 1), found)
    bare = (_BARE.match(text) for text in stderr[:STDERR_CHARACTERS].splitlines())
    extra = [
        Diagnostic(_clean(m["message"]))
        for m in bare
        if m and "too many errors" not in m["message"] and not _LOCATED.match(m.string)
    ]
    return (*(errors[key] for key in sorted(errors)), *extra, *warnings)


def _reports(stderr: str, kernel_file: str) -> Iterator[Report]:
    included: int | None = None
    head: Line | None = None
    notes: list[Line] = []
    pending: int | None = None
    for text in stderr.splitlines():
        stack = _INCLUDED.match(text)
        if stack:
            if stack["file"].removeprefix("./") == kernel_file:
                pending = int(stack["line"])
            continue
        found = _LOCATED.match(text)
        if not found:
            continue
        severity = _SEVERITIES[found["severity"]]
        line = Line(
            found["file"].removeprefix("./"),
            int(found["line"]),
            int(found["column"]),
            severity,
            found["message"],
        )
        if severity == "note" and head is not None:
            notes.append(line)
        elif severity != "note":
            if head is not None:
                yield Report(head, tuple(notes), included)
            head, notes, included, pending = line, [], pending, None
    if head is not None:
        yield Report(head, tuple(notes), included)


def _foreign(report: Report, kernel_file: str) -> bool:
    """Whether nothing in the candidate is at fault by itself: the call from outside is."""
    asked = any(n.file == kernel_file and _ASKED.search(n.text) for n in report.notes)
    return report.head.file != kernel_file and not asked and report.included is None


def _place(report: Report, kernel_file: str) -> Line | None:
    """The line of the candidate that is at fault."""
    if report.head.file == kernel_file:
        return report.head
    own = [n for n in report.notes if n.file == kernel_file]
    asked = [n for n in own if _ASKED.search(n.text)]
    if asked:
        return asked[0]
    if report.included is not None:
        return Line(kernel_file, report.included, 1, "error", "")
    return own[0] if own else None


def _diagnostic(report: Report, lines: Sequence[str], kernel_file: str, caller: str) -> Diagnostic:
    message = _message(report, kernel_file)
    if caller and _foreign(report, kernel_file):
        message = f"{message} ({caller})"
    place = _place(report, kernel_file)
    severity = report.head.severity
    if place is None or not 1 <= place.line <= len(lines):
        return Diagnostic(_cut(message), severity)
    return Diagnostic(
        _cut(message), severity, place.line, place.column, lines[place.line - 1].strip()[:200]
    )


def _message(report: Report, kernel_file: str) -> str:
    asserted = _ASSERTED.match(report.head.text)
    if asserted:
        return _assertion(asserted, report.notes)
    head = _clean(report.head.text)
    reasons = _reasons(report.notes)
    parts = [head, *(f"candidate ignored: {r}" for r in reasons), *instead.of(head, reasons)]
    if not reasons and "did you mean" not in head:
        own = (n for n in report.notes if n.file == kernel_file and not _ASKED.search(n.text))
        for note in list(own)[:NOTES]:
            if not note.text.startswith("expanded from"):
                parts.append(f"line {note.line}: {_clean(note.text)}")
    return "; ".join(parts)


def _assertion(found: re.Match[str], notes: Iterable[Line]) -> str:
    need = _clean(found["need"] or "")
    if not found["text"]:
        return f"static assertion failed due to requirement '{need}'"
    text = f"static assertion failed: {_clean(found['text'])}"
    for note in notes:
        if note.text.startswith("expression evaluates to"):
            return f"{text} ({_clean(note.text).split(chr(39))[1]})"
    same = _SAME.search(need)
    if same:
        return f"{text} ({same['types']})"
    return f"{text} ({need})" if re.fullmatch(r"[\d ()*/+<>=!&|-]+", need) else text


def _reasons(notes: Sequence[Line]) -> list[str]:
    """Why functions of that name were not taken, the most telling first, without repeats."""
    found: list[tuple[int, str]] = []
    for i, note in enumerate(notes):
        ignored = _IGNORED.match(note.text)
        if not ignored:
            continue
        why = _clean(ignored["why"].split(" [with ")[0])
        if why.startswith("constraints not satisfied"):
            found.append((0, _constraint(notes[i + 1 :]) or why))
        elif "argument" in why and ("requires" in why or "conversion" in why):
            found.append((1, why))
        else:
            found.append((2, why))
    return list(dict.fromkeys(why for _, why in sorted(found, key=lambda x: x[0])))[:REASONS]


def _constraint(notes: Sequence[Line]) -> str:
    """The failed constraint named by the notes that follow a candidate."""
    because: list[str] = []
    for note in notes:
        if note.text.startswith("candidate "):
            break
        if note.text.startswith(("because ", "and ")):
            because.append(_clean(note.text))
    named = [b for b in because if "does not satisfy" in b]
    chosen = named[:1] or because[-1:]
    return chosen[0].removeprefix("and ").removeprefix("because ") if chosen else ""


def _clean(message: str) -> str:
    """Without paths and compiler-internal spellings."""
    text = _LAMBDA.sub("(lambda)", message)
    text = _PATH.sub(lambda m: m["last"], text)
    text = _ALIAS.sub(_alias, text)
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    return text


def _alias(found: re.Match[str]) -> str:
    derived = any(word in found["written"] for word in ("std::", "detail::", "common_", "decltype"))
    return f"'{found['meant'] if derived else found['written']}'"


def _cut(text: str) -> str:
    return text if len(text) <= MESSAGE_CHARACTERS else text[:MESSAGE_CHARACTERS] + "..."
