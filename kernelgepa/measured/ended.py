"""Why a worker's process ended, in words: of tracebacks and compilers' output what matters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from kernelgepa.protocols import WorkerOutcome
from kernelgepa.verdict import Diagnostic

_CODES: Mapping[str, str] = {
    "crashed": "crashed", "timeout": "timeout", "out_of_memory": "out-of-memory",
    "output_limit": "output-limit", "error": "error",
}  # fmt: skip
_FRAME = re.compile(r'File "[^"\n]*\bkernel\.py", line (\d+)')
_ANY_FRAME = re.compile(r'^  File ".*$', re.M)
_UNINDENTED = re.compile(r"^\S.*$", re.M)
_OF_COMPILER = re.compile(r"\b(?:fatal )?error\b.*:|undefined reference to")
_TYPES = re.compile(r"^\s+(?:argument|operand|object)s? types? (?:is|are): .*")  # nvcc goes on
_ECHO = re.compile(
    r"^ *\d+ \|(?P<gcc>.*)$|^(?P<nvcc> *\S.*)\n *\^ *$", re.M
)  # the line it is about
_STEP = re.compile(r": \[\d+/\d+\] ")  # ninja's; the compiler's command line follows
_SCRATCH = re.compile(r"(?:/[\w.+~-]+)*/kernelgepa-pool-\w+/(?:job-\w+/)?(?:tmp\w+/)?")
_OWN = re.compile(r"^kernelgepa(?:\.\w+)+: (?:line \d+: )?")  # an error of ours; the line is told
_LAST = re.compile(r"^(?:[\w.]+(?:Error|Exception|Exit|Interrupt|Warning)\b.*|[\w.]+: .*)$", re.M)


def why_ended(outcome: WorkerOutcome) -> Diagnostic:
    """Why a process ended, with the line of the candidate it happened in."""
    text = outcome.detail.strip()
    frames = _FRAME.findall(text)
    line = int(frames[-1]) if frames else None
    if outcome.status != "error":
        said = f"its process ended: {text.splitlines()[0] if text else outcome.status}"
        return Diagnostic(said[:600], line=line, code=_CODES[outcome.status])
    said = _OWN.sub("", _SCRATCH.sub("", _said(text)))
    code = "exited" if said.startswith("SystemExit") else "error"
    return Diagnostic(said[:1200], line=line, code=code, source=_echoed(text)[:200])


def _raised(text: str) -> str:
    """A traceback without its frames; other text as it is."""
    frames = list(_ANY_FRAME.finditer(text))
    start = _UNINDENTED.search(text, frames[-1].end()) if frames else None
    return text[start.start() :] if start else text


def _said(text: str) -> str:
    """What an exception says, of a traceback; of a compiler's output the errors."""
    said = _raised(text)
    errors = [f"{first}{types}" for first, types in _errors(said.splitlines()[1:])]
    if errors:
        return "\n".join([_STEP.split(said.splitlines()[0])[0][:200], *errors[:8]])
    if said != text:
        return said
    found = _LAST.findall(text)
    return found[-1] if found else (text.splitlines() or ["it failed without a message"])[-1]


def _errors(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Errors of a compiler, each with the types that its next line names."""
    for line, after in pairwise([*lines, ""]):
        if _OF_COMPILER.search(line):
            yield line, f"\n{after.strip()}" if _TYPES.match(after) else ""


def _echoed(text: str) -> str:
    """The line that a compiler shows below its first error."""
    lines = _raised(text).splitlines()[1:]
    errors = [i for i, line in enumerate(lines) if _OF_COMPILER.search(line)]
    shown = _ECHO.search("\n".join(lines[errors[0] + 1 :][:4])) if errors else None
    return (shown["gcc"] or shown["nvcc"] or "").strip() if shown else ""
