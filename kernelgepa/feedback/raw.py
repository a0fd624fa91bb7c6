"""What a tool has printed, as one message: its first errors, each with what stands below it.

Commands, frames, hints of the runtime that stand below each error, and echoed text say nothing of
the cause, and rules that are searched in them answer what nobody asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from kernelgepa.verdict import Diagnostic

ERRORS = 8  # of one text
BELOW = 40  # lines that belong to an error
REASONS = 3  # notes that are told with it
CHARACTERS, WIDTH = 1 << 16, 2000  # of a text and of a line that are looked at
_NOISE = re.compile(
    r"^(?:CUDA kernel errors might be asynchronous|For debugging consider passing|Compile with"
    r" `TORCH_|Search for `cuda|Device-side assertion tracking|PLEASE submit a bug report|Stack"
    r" dump:|\d+\.\s|\s*#\d+ 0x|frame #\d+:|Exception raised from |Repro command:|\d+"
    r" (?:catastrophic )?errors? (?:detected|generated)|ptxas fatal +: Ptx assembly aborted"
    r"|clang(?:\+\+)?: error: (?:ld\.lld|linker) command failed|collect2: error|ninja: build"
    r" stopped|FAILED: |Set TORCH_LOGS|You can suppress this exception|UserWarning:"
    r" TORCH_CUDA_ARCH_LIST is not set|At end of source: |\s+warnings\.warn\("
    r"|=+ (?:COMPUTE-SANITIZER|ERROR SUMMARY|Program hit))"
)
_COMMAND = re.compile(
    r"^(?:\[\d+/\d+\] )?:?(?:[\w.+~-]*/)*(?:nvcc|ptxas|c\+\+|g\+\+|g?cc|clang(?:\+\+)?|xchesscc\w*)"
    r"(?:-\d+)? [^\n]*(?<=\s)-\w.*$",
    re.M,
)
_STEP = re.compile(r"(?<=': )\[\d+/\d+\] .*")
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line \d+.*\n(?P<line>\s.*)?', re.M)
_FOREIGN = re.compile(r"site-packages|dist-packages|/lib/python\d|<frozen|torch/|triton/")
_CAUSE = re.compile(r"^(?:The above exception was|During handling of the above)[^\n]*\n", re.M)
_RAISED = re.compile(r"^(?=\S)", re.M)
_TRITON = re.compile(
    r"^(?P<head>(?:\S*\.)?(?:\w*Error|\w*Construct|\w*Failure|\w*Exception)?:? ?at \d+:\d+:) *\n"
    r"(?P<shown>(?:.*\n)*?)(?P<gap> *)\^ *(?:\n|$)", re.M,
)  # fmt: skip
_ERROR = re.compile(
    r"^(?P<place>[^\s(:][^\n(:]*(?:\(\d+\)|:\d+(?::\d+)?)): "
    r"(?:(?:fatal |catastrophic )?error|warning|note)(?: #[\w-]+)?: ?(?P<text>.*)$"
)
_SEVERE = re.compile(r": (?:fatal |catastrophic )?error(?: #[\w-]+)?: ?")
_PLACE = re.compile(r"^[^\s(:][^\n(:]*:\d+:\d+: (?:fatal )?error: |^(?:fatal )?error: ", re.M)
_TYPES = re.compile(r"^\s+(?:(?:argument|operand) types are|object type is)")
_CARET = re.compile(r"^[\s|]*[~^-][\s~^-]*$")
_NUMBERED = re.compile(r"^ *\d+ \| ?(?P<line>.*)$")
_WHY = re.compile(
    r"^(?:candidate (?:template ignored|(?:function|constructor)[^:]*not viable): (?P<why>.*)"
    r"|(?P<because>(?:because |and ).*)|expression evaluates to (?P<value>.*))$"
)
_ASKED = re.compile(r"requested here|required (?:from )?here|called from here")
_EXPLAINED = re.compile(
    r"__CUDA_NO_\w+ is defined|(?:cannot be used|not usable|not allowed) in a constant expression"
    r"|cannot be used as a constant"
)
_DURING = re.compile(r"^\s+instantiation of .* at line \d+(?: of .*)?$")
_FOLDERS = re.compile(r"^[^\s(:][^\n(:]*/(?=[\w.+-]+(?:\(\d+\)|:\d+(?::\d+)?): )")


def told(note: Diagnostic, target: str = "") -> tuple[Diagnostic, ...]:
    """The errors that a text of several lines holds, the first first; of one line itself.

    Those of the NPU without their place, as our own compiler's have none.
    """
    short = "\n" not in note.message and len(note.message) <= WIDTH
    found = (note,) if short else _told(note)
    if target != "npu-sim":
        return found
    return tuple(replace(each, message=_PLACE.sub("", each.message)) for each in found)


@lru_cache(maxsize=512)
def _told(note: Diagnostic) -> tuple[Diagnostic, ...]:
    text, shown, under = "", "", ""
    given = "\n".join(row[:WIDTH] for row in note.message[:CHARACTERS].split("\n"))
    for part in reversed(_CAUSE.split(given)):
        # an exception that only says where has its reason in the one that caused it
        said, own = _raised(part)
        text, line = _of_triton(said)
        shown, under = shown or own, under or line
        if text.strip():
            break
    text = _COMMAND.sub("", _STEP.sub("", text))
    lines = [line for line in text.split("\n") if not _NOISE.search(line)]
    found = list(_compiled(lines))[:ERRORS]
    source = note.source or under or shown
    if not found:
        kept = "\n".join(line for line in lines if line.strip()) or given
        return (replace(note, message=kept, source=source),)
    head = next((line for line in lines if line.strip()), "")
    named = "" if _ERROR.match(head) else f"{head.rstrip()}\n"
    return tuple(
        replace(
            note,
            message=f"{named}{message}",
            source=(note.source if not i else "") or echo or (source if not i else ""),
        )
        for i, (message, echo) in enumerate(found)
    )


def _raised(text: str) -> tuple[str, str]:
    """The last exception of a traceback, and the line of the last frame that is not a library's."""
    frames = list(_FRAME.finditer(text))
    if not frames:
        return text, ""
    own = [f for f in frames if not _FOREIGN.search(f["file"])]
    shown = ((own[-1]["line"] if own else "") or "").strip()
    start = _RAISED.search(text, frames[-1].end())
    return (text[start.start() :], shown) if start else (text, shown)


def _of_triton(text: str) -> tuple[str, str]:
    """Without the source that Triton shows, and the line above its last caret."""
    shown = ""
    for found in _TRITON.finditer(text):
        rows = [row for row in found["shown"].split("\n") if row.strip()]
        shown = rows[-1].strip() if rows else shown
    return _TRITON.sub("", text), shown


def _compiled(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Errors of nvcc, g++ and clang with what stands below them, and the lines they show."""
    located = [i for i, line in enumerate(lines) if _ERROR.match(line)]
    errors = [i for i in located if _SEVERE.search(lines[i])]
    for at, until in pairwise([*errors, len(lines)]):
        below = lines[at + 1 : min(until, at + 1 + BELOW)]
        types = [" ".join(line.split()) for line in below if _TYPES.match(line)][:1]
        message = _FOLDERS.sub("", lines[at]) + "".join(f" ({t})" for t in types)
        yield "; ".join([message, *list(_reasons(below))[:REASONS]]), _echo(below)


def _reasons(below: Sequence[str]) -> Iterator[str]:
    """Why no function fits, as the notes say."""
    during = [line.strip() for line in below if _DURING.match(line)]
    yield from during[-1:]  # what the candidate itself asked for
    for line in below:
        note = _ERROR.match(line)
        said = note["text"] if note else ""
        why = _WHY.match(said)
        if why:
            text = why["why"] or why["because"] or f"it is {why['value']}"
            yield f"candidate ignored: {text}" if why["why"] else text
        elif _EXPLAINED.search(said):
            yield said


def _echo(below: Sequence[str]) -> str:
    """The line shown above the first caret; below a header's error that of who asked for it."""
    asked = next(
        (i for i, row in enumerate(below) if (m := _ERROR.match(row)) and _ASKED.search(m["text"])),
        0,
    )
    for first, second in pairwise(below[asked:]):
        if _CARET.match(second) and first.strip() and not _ERROR.match(first):
            numbered = _NUMBERED.match(first)
            return (numbered["line"] if numbered else first).strip()
    bare = next(filter(None, map(_NUMBERED.match, below[asked:])), None)
    return bare["line"].strip() if bare else ""
