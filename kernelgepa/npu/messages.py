"""clang's messages -> diagnostics in the candidate's own lines, without any path of the machine.

An error inside a header is reported at the line of the candidate that asked for it; clang's notes
(why a candidate function was ignored, which constraint failed) are folded into the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kernelgepa.npu import instead
from kernelgepa.verdict import Diagnostic, Severity

KERNEL_FILE = "kernel.cc"
WRAPPER_FILE = "wrapper.cc"
MESSAGE_CHARACTERS = 500
STDERR_CHARACTERS = 1 << 18
LINE_CHARACTERS = 4000  # what the patterns below look at
REASONS = 2  # why a candidate function was ignored: at most so many
LINES = 5  # where a message comes again: at most so many
NOTES = 2  # other notes in the candidate's own text

_LOCATED = re.compile(
    r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?P<column>\d+): "
    r"(?P<severity>fatal error|error|warning|note): (?P<message>.*)$"
)
_BARE = re.compile(r"^(?:\w[\w.+-]*: )?(?P<severity>fatal error|error): (?P<message>.*)$")
_OF_THE_DRIVER = re.compile(r"too many errors|clang frontend command failed")
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
_INTERNAL = re.compile(r"; did you mean (?:simply )?'(?:aie::)?(?:detail::\w*|__\w+)'\?")
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
_DECLARED = re.compile(r"^'(?:\w+::)*(?P<name>\w+)' declared here$")
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


def diagnostics(stderr: str, source: str, caller: str = "") -> tuple[Diagnostic, ...]:
    """Errors, then warnings, by line; one error for each line of the candidate.

    `caller` is said where the call of the kernel itself is wrong.
    """
    lines = source.split("\n")
    own: dict[int, Diagnostic] = {}
    foreign: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    asked: Line | None = None  # clang names those who asked only where they changed
    for report in _reports(stderr[:STDERR_CHARACTERS]):
        outside = _outside(report)
        if report.head.file == KERNEL_FILE or any(_ASKED.search(n.text) for n in report.notes):
            asked = None
        place = _place(report) or asked or _include(report)
        asked = place if not outside else asked
        found = _diagnostic(report, place, lines, caller if outside else "")
        if found.severity == "warning":
            warnings += [found] if found.line is not None else []
        elif outside or found.line is None:
            foreign.append(found)
        else:
            own.setdefault(found.line, found)
    if own:  # what has no line then only follows from those that have
        foreign = [d for d in foreign if d.line is not None and d.line not in own]
    foreign.sort(key=lambda d: d.line is None)
    foreign += _unlocated(stderr)
    return (*_once([own[line] for line in sorted(own)]), *foreign, *_once(warnings))


def _once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Of equal messages the first, which says where the others are."""
    lines: dict[str, dict[int | None, None]] = {}
    first: list[Diagnostic] = []
    for d in found:
        if d.message not in lines:
            first.append(d)
        lines.setdefault(d.message, {})[d.line] = None
    for d in first:
        more = ", ".join(map(str, list(lines[d.message])[1:][:LINES]))
        yield replace(d, message=f"{d.message} (again in line {more})") if more else d


def _unlocated(stderr: str) -> Iterator[Diagnostic]:
    for text in stderr[:STDERR_CHARACTERS].split("\n"):
        bare = _BARE.match(text)
        if bare and not _LOCATED.match(text) and not _OF_THE_DRIVER.search(text):
            yield Diagnostic(_cut(_clean(bare["message"][:LINE_CHARACTERS])))


def _reports(stderr: str) -> Iterator[Report]:
    included: int | None = None
    head: Line | None = None
    notes: list[Line] = []
    pending: int | None = None
    for text in stderr.split("\n"):
        stack = _INCLUDED.match(text)
        if stack:
            if stack["file"].removeprefix("./") == KERNEL_FILE:
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
            found["message"][:LINE_CHARACTERS],
        )
        if severity == "note" and head is not None:
            notes.append(line)
        elif severity != "note":
            if head is not None:
                yield Report(head, tuple(notes), included)
            head, notes, included, pending = line, [], pending, None
    if head is not None:
        yield Report(head, tuple(notes), included)


def _outside(report: Report) -> bool:
    """Whether the error lies in the call of the kernel, which is not the candidate's text."""
    asked = any(n.file == KERNEL_FILE and _ASKED.search(n.text) for n in report.notes)
    return report.head.file == WRAPPER_FILE and not asked


def _place(report: Report) -> Line | None:
    """The line of the candidate that is at fault, as far as the report says."""
    if report.head.file == KERNEL_FILE:
        return report.head
    own = [n for n in report.notes if n.file == KERNEL_FILE]
    asked = [n for n in own if _ASKED.search(n.text)]
    if asked:
        return asked[0]
    return own[0] if own else None


def _include(report: Report) -> Line | None:
    """The candidate's #include of a header that is wrong by itself, as after a bad macro."""
    if report.included is None or any(_ASKED.search(n.text) for n in report.notes):
        return None
    return Line(KERNEL_FILE, report.included, 1, "error", "")


def _diagnostic(
    report: Report, place: Line | None, lines: Sequence[str], caller: str
) -> Diagnostic:
    message = _message(report)
    if caller:
        message = f"{message} ({caller})"
    severity = report.head.severity
    if place is None or not 1 <= place.line <= len(lines):
        return Diagnostic(_cut(message), severity)
    return Diagnostic(
        _cut(message), severity, place.line, place.column, lines[place.line - 1].strip()[:200]
    )


def _message(report: Report) -> str:
    asserted = _ASSERTED.match(report.head.text)
    if asserted:
        return _assertion(asserted, report.notes)
    here = {n["name"]: line for line in report.notes if (n := _declared(line))}
    said = _clean(_INTERNAL.sub("", report.head.text))
    head = instead.without_strange_suggestion(said, here)
    reasons = [] if head.startswith("no viable conversion") else _reasons(report.notes)
    parts = [head, *(f"candidate ignored: {r}" for r in reasons), *instead.of(head, reasons)]
    if not reasons and "did you mean" not in head:
        own = (n for n in report.notes if n.file == KERNEL_FILE and not _ASKED.search(n.text))
        if head != said:
            own = (n for n in own if n not in here.values())
        for note in list(own)[:NOTES]:
            # a macro of the candidate matters where it broke a header, not where it is used
            if report.head.file != KERNEL_FILE or not note.text.startswith("expanded from"):
                parts.append(f"line {note.line}: {_clean(note.text)}")
    return "; ".join(parts)


def _declared(note: Line) -> re.Match[str] | None:
    """A name of the candidate's own that is not far from what was written."""
    return _DECLARED.match(note.text) if note.file == KERNEL_FILE else None


def _assertion(found: re.Match[str], notes: Iterable[Line]) -> str:
    need = _clean(found["need"] or "")
    if not found["text"]:
        return f"static assertion failed due to requirement '{need}'"
    text = f"static assertion failed: {_clean(found['text'])}"
    for note in notes:
        if note.text.startswith("expression evaluates to"):
            value = _clean(note.text).removeprefix("expression evaluates to ").strip("'")
            return f"{text} ({value})" if any(c.isdigit() for c in value) else text
    same = _SAME.search(need)
    if same:
        return f"{text} ({same['types']})"
    return f"{text} ({need})" if re.fullmatch(r"[\d ()*/+<>=!&|-]+", need) else text


def _reasons(notes: Sequence[Line]) -> list[str]:
    """Why functions of that name were not taken: the most telling kind, without repeats."""
    found: list[tuple[int, str]] = []
    for i, note in enumerate(notes):
        ignored = _IGNORED.match(note.text)
        if not ignored:
            continue
        why = _clean(ignored["why"].split(" [with ")[0])
        if why.startswith("constraints not satisfied"):
            why = _constraint(notes[i + 1 :]) or why
        found.append((_rank(why), why))
    best = min((rank for rank, _ in found), default=0)
    return list(dict.fromkeys(why for rank, why in found if rank == best))[:REASONS]


def _rank(why: str) -> int:
    """0 for the reasons that name what is wrong, 4 for overloads that were not meant at all."""
    if "does not satisfy" in why or why.startswith("deduced conflicting"):
        return 1 if "does not satisfy" in why else 0
    if "argument" in why and ("requires" in why or "conversion" in why):
        return 2
    return 4 if why.startswith(("invalid explicitly", "couldn't infer")) else 3


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
