"""What of a diagnostic is worth looking up: its class and the names it is about.

Paths, numbers, template arguments and echoed text say nothing about the section that is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kernelgepa.docs_index import messages
from kernelgepa.verdict import Diagnostic

_NAME = re.compile(r"~?[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_|::")
_QUOTED = re.compile(r"'([^']*)'")
_CLASS = re.compile(r"\b(?:aie::)?(vector|accum|mask|mmul|vector_elem_ref)<")
_CALLED = re.compile(
    r"(\.|->|aie::|std::|(?<![\w:>.]))(?:template\s+)?([A-Za-z_]\w*)\s*"
    r"(?:<[^<>()]*(?:<[^<>()]*>)?[^<>()]*>)?\s*\("
)
_TYPES = re.compile(r"\baie::(\w+)\s*<")
_MISSING = re.compile(r"^no (?:member|type|template) named '(\w+)'(?: in '?([^';]*)'?)?")
_CALL = re.compile(r"for call to '([\w:]+)'|call to '([\w:]+)' is ambiguous")
_PREFIX = re.compile(r"^(?:static assertion failed: )?([a-z_]\w+): ")
_MEANT = re.compile(r"did you mean (?:simply )?'([\w:]+)'")
_BOILERPLATE = re.compile(
    r"^static assertion failed|no matching (?:member )?function for call to|candidate ignored"
    r"|no known conversion from|could not match|(?:invalid )?explicitly-specified argument"
    r"|requires (?:single )?arguments?|requires \d arguments?"
    r"|(?:for )?(?:\d\w\w|template) parameter|too (?:few|many) arguments to function call"
)
# words of the compiler that stand in most messages
_STOP = frozenset(
    re.findall(
        r"\w+",
        """a an and are as be but by can cannot candidate error failed for from has have ignored in
        is it its line of on or the this to was were with you did mean use write not no than that
        which provided member template type 1st 2nd 3rd argument named int auto const void aie std
        requirement due""",
    )
)
_TYPE_WORD = re.compile(r"u?int(?:8|16|32|64)_t|size_t")


@dataclass(frozen=True)
class Query:
    """`names` are what it is about, `nearby` what stands in the offending line, `said` its text."""

    words: tuple[str, ...]
    names: tuple[str, ...] = ()
    nearby: tuple[str, ...] = ()
    said: str = ""


def tokens(text: str) -> list[str]:
    """Identifiers whole (with their `::` chain) and in parts; lower case; numbers dropped."""
    found: list[str] = []
    for name in _NAME.findall(text):
        whole = name.lower()
        found.append(whole)
        parts = [p.lower() for p in _CAMEL.split(name) if p]
        if len(parts) > 1:
            found += parts
            last = name.rpartition("::")[2].lower()
            if last != whole and last not in parts:
                found.append(last)
    return [t for t in found if t not in _STOP]


def plain(text: str) -> str:
    """Lower case, single spaces, no punctuation but that of operators."""
    return " ".join(re.sub(r"[^\w<>=!+*/%&|^~.-]+", " ", text.lower()).split())


def of_words(text: str) -> Query:
    """A query a person types: names and words."""
    names = [n for n in _NAME.findall(text) if len(n) > 1]
    return Query(tuple(tokens(text)), _unique(names), said=plain(text))


def of_diagnostic(note: Diagnostic, target: str = "npu-sim") -> Query:
    """The class of the message, the names it is about, and what is called in the offending line."""
    return _of_clang(note) if target == "npu-sim" else _of_message(note)


def _of_message(note: Diagnostic) -> Query:
    """Of the toolchains of all other targets."""
    said = messages.said(note.message)
    words = [*tokens(said), *tokens(note.code.replace("-", " "))]
    names = _unique(messages.names(note.message))
    return Query(
        tuple(words), names, _unique(messages.called(note.message, note.source)), plain(said)
    )


def _of_clang(note: Diagnostic) -> Query:
    """Of the NPU's compiler, whose headers say what they miss."""
    message, called_as, _ = note.message.partition(" (the kernel is called as")
    head, _, hints = message.partition("; ")
    said = _QUOTED.sub(lambda m: f" {_without_arguments(m[1])} ", f"{head} {hints}")
    said = _BOILERPLATE.sub(" ", said) + (" the kernel is called as" if called_as else "")
    words = [t for t in tokens(said) if not _TYPE_WORD.fullmatch(t)]
    source = re.sub(r"//.*", "", note.source)
    names, nearby = _unique(_names(head, hints, source)), _unique(_called(source))
    return Query(tuple(words), names, nearby, plain(said))


def _names(head: str, hints: str, source: str) -> Iterator[str]:
    """As `aie::add`, `.extract` (a member), `printf`; the most telling first."""
    if "file not found" in head:
        return
    for meant in _MEANT.findall(f"{head}; {hints}"):
        yield meant if "::" in meant else f"aie::{meant}"
        if " in 'aie::" in head:
            yield f".{meant}"
    missing, called, prefix = _MISSING.match(head), _CALL.search(head), _PREFIX.match(head)
    if missing:
        yield from _missing(missing[1], missing[2] or "")
    elif called:
        name = called[1] or called[2]
        member = "member function" in head
        yield f".{name}" if member else f"aie::{name}" if f"aie::{name}" in source else name
    elif prefix:
        yield f".{prefix[1]}" if f".{prefix[1]}" in source else f"aie::{prefix[1]}"
    for quoted in _QUOTED.findall(head):
        owner = _CLASS.search(quoted)
        if owner:
            yield f"aie::{owner[1]}"
        elif (
            _NAME.fullmatch(quoted) and not _TYPE_WORD.fullmatch(quoted) and not (called or missing)
        ):
            yield quoted
    yield from re.findall(r"\baie::\w+", hints)
    yield from (f".{m}" for m in re.findall(r"\.([a-z]\w+)\b", hints))


def _missing(name: str, owner: str) -> Iterator[str]:
    """A name that its class or namespace does not have."""
    found = _CLASS.search(owner) or re.search(r"^'?(?:aie::)?(\w+)'?$", owner)
    place = found[1] if found else ""
    if place in ("namespace", "aie", "std", "") or "namespace" in owner:
        yield f"std::{name}" if "std" in owner else f"aie::{name}"
    else:
        yield f".{name}"
        yield f"aie::{place}"


def _called(source: str) -> Iterator[str]:
    """Functions and types of the line, as `aie::add`, `.extract`, `printf`."""
    yield from (f"{before}{name}" for before, name in _CALLED.findall(source))
    yield from (f"aie::{name}" for name in _TYPES.findall(source))


def _without_arguments(quoted: str) -> str:
    """`aie::vector<int16_t, 32>` -> `aie::vector`."""
    previous = None
    while previous != quoted:
        previous, quoted = quoted, re.sub(r"<[^<>]*>", " ", quoted)
    return quoted


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
