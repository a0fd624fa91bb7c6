"""From what NVRTC and ptxas print to diagnostics in the candidate's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kernelgepa.cuda.names import FILE
from kernelgepa.verdict import Diagnostic, Severity

MESSAGES, WARNINGS, NOTES = 20, 8, 2
CHARACTERS = 600
_LOCATED = re.compile(
    r"(?P<file>[^\s(][^(]*)\((?P<line>\d+)\): (?P<severity>catastrophic error|error|warning|remark)"
    r"(?: #[\w-]+)?: (?P<text>.*)"
)
_PTXAS = re.compile(
    r"\s*ptxas (?:application ptx input, line (?P<line>\d+); )?"
    r"(?P<severity>error|fatal|warning)\s*: (?P<text>.*)"
)
_NOTE = re.compile(r"\s*Note(?: #[\w-]+)?: (?P<text>.*)")
_DURING = re.compile(
    r"(?P<what>(?:implicit generation|instantiation) of .*?)\s+at line "
    r"(?P<line>\d+)(?: of \"?(?P<file>[^\"\s]+)\"?)?"
)
_INCLUDE = re.compile(r"(?:cannot|could not) open source file \"(?P<name>[^\"]+)\"")
_NAMED = re.compile(r"Input name expression was: \" *(?P<name>.*?) *\"")
_MANGLED = re.compile(r"\b_Z(?:N\w*?)?(?P<size>\d+)(?P<rest>\w+)")
_QUOTED = re.compile(r"'\.?(?P<token>[A-Za-z_][\w.]*)'")
_DENIED = re.compile(r"(?<=\"): (?:Permission denied|Is a directory)$")  # as of a missing one
_TYPES = ("argument types are", "operand types are", "object type is")
_NAMES = "__nv_name_map"
_NO_KERNEL = re.compile(r"__global__[^;{}]*?\b(?P<name>[A-Za-z_]\w*)\s*\(")
_TEMPLATE = re.compile(r"\btemplate\s*<[^;{}]*?>[^;{}]*?__global__[^;{}]*?\b(\w+)\s*\(")
_BOUNDS = re.compile(r"__launch_bounds__\s*\([^()]*(?:\([^()]*\)[^()]*)*\)")
_HEX = re.compile(r"0x([0-9a-f]+)(?= bytes| max)")


@dataclass
class _Report:
    """One message of the front end with the lines below it."""

    file: str
    line: int
    severity: Severity
    text: str
    column: int | None = None
    below: list[str] = field(default_factory=list)


def diagnostics(log: str, source: str) -> tuple[Diagnostic, ...]:
    """Errors in order of lines, then warnings of the candidate's own lines."""
    rows = source.splitlines()
    errors, warnings, unknown = list[Diagnostic](), list[Diagnostic](), list[str]()
    for report in _reports(log):
        if report.file == _NAMES:
            named = _NAMED.search(report.text)
            if named:
                unknown.append(named["name"])
        elif report.severity == "error":
            errors.append(_diagnostic(report, rows))
        elif report.file == FILE:
            warnings.append(_diagnostic(report, rows))
    foreign = [d for d in errors if d.line is None]
    own = [d for d in errors if d.line is not None]
    own.sort(key=lambda d: d.line or 0)
    ptxas = list(dict.fromkeys(_of_ptxas(log, rows)))
    found = [*own, *foreign, *(d for d in ptxas if d.severity == "error")]
    if not found:  # of a source with errors no name can be found
        found += [_unknown(name, source) for name in dict.fromkeys(unknown)]
    return (*found[:MESSAGES], *warnings[:WARNINGS], *(d for d in ptxas if d.severity != "error"))


def _reports(log: str) -> Iterator[_Report]:
    current: _Report | None = None
    for line in log.splitlines():
        found = _LOCATED.match(line)
        if found:
            if current is not None:
                yield current
            severity: Severity = "error" if "error" in found["severity"] else "warning"
            current = _Report(found["file"], int(found["line"]), severity, found["text"].strip())
        elif current is not None:
            if not line.strip() and not current.below:
                continue
            if line.strip() == "^" and current.column is None:
                current.column = max(1, line.index("^") - 1)
            else:
                current.below.append(line)
    if current is not None:
        yield current


def _diagnostic(report: _Report, rows: Sequence[str]) -> Diagnostic:
    line, column = (report.line, report.column) if report.file == FILE else (None, None)
    parts = [_DENIED.sub("", report.text)]
    for text in report.below:
        note, during = _NOTE.match(text), _DURING.search(text)
        if text.strip().startswith(_TYPES):
            parts[0] += f" ({' '.join(text.split())})"
        elif note and len(parts) <= NOTES:
            parts.append(" ".join(note["text"].split()))
        elif during and len(parts) <= NOTES:
            at = int(during["line"])
            # without a file it is that of the message
            if (during["file"] or report.file).rpartition("/")[2] == FILE:
                parts.append(f"in the {' '.join(during['what'].split())}, from line {at}")
                line = at if line is None else line
    if report.file != FILE:
        parts[0] = f"{report.file.rpartition('/')[2]}: {parts[0]}"
    parts += _advice(report.text)
    inside = line is not None and 1 <= line <= len(rows)
    text = rows[line - 1].strip()[:200] if inside and line else ""
    return Diagnostic(
        _cut("; ".join(parts)), report.severity, line if inside else None, column, text
    )


def _advice(text: str) -> Iterator[str]:
    include = _INCLUDE.search(text)
    if include:
        name = include["name"]
        if name.startswith(("torch/", "ATen/", "c10/", "pybind11/", "Python.h")):
            yield (
                "the kernel is compiled alone, without torch: remove this include and the C++ code "
                "that uses it, and describe the launch in the component launch"
            )
        elif name.startswith(("cutlass/", "cute/", "thrust/")):
            yield f"{name.partition('/')[0]} is not available here"
        else:
            yield "no such header is available here; CUDA's own and CCCL's (cub, cuda/std) may be"
    elif "without execution space annotations" in text:
        yield "write __device__ before it"
    elif "explicitly marked as a __host__ function" in text:
        yield "only device code is compiled here; remove the host function"


def _unknown(name: str, source: str) -> Diagnostic:
    shown = "".join(name.split()) if "<" in name else name
    plain = _BOUNDS.sub("", source)
    kernels = sorted({m["name"] for m in _NO_KERNEL.finditer(plain)})
    there = f"it has {', '.join(kernels[:8])}" if kernels else "it has no __global__ function"
    if name in _TEMPLATE.findall(plain):
        there = f"it has a template of that name, whose instances are called {name}<...>"
    return Diagnostic(
        f"launch: kernel {shown!r} cannot be found in the source; {there}", code="launch"
    )


def _of_ptxas(log: str, rows: Sequence[str]) -> Iterator[Diagnostic]:
    for text in log.splitlines():
        found = _PTXAS.match(text)
        if not found or found["text"].startswith("Ptx assembly aborted"):
            continue
        severity: Severity = "warning" if found["severity"] == "warning" else "error"
        said = _MANGLED.sub(_plain, found["text"].strip())
        code = ""
        if "too much shared data" in said:
            said = _HEX.sub(lambda m: str(int(m[1], 16)), said)
            said += (
                "; more than 48 KB must be dynamic: extern __shared__ in the kernel, and its size "
                "as shared in the launch"
            )
            code = "shared"
        made = Diagnostic(_cut(f"ptxas: {said}"), severity, code=code)
        line = _of_token(said, rows) if found["line"] else None
        yield replace(made, line=line, source=rows[line - 1].strip()[:200]) if line else made


def _plain(found: re.Match[str]) -> str:
    """The plain name in a mangled one."""
    return found["rest"][: int(found["size"])] or found[0]


def _of_token(said: str, rows: Sequence[str]) -> int | None:
    """The only line of inline assembly that has what ptxas quotes."""
    quoted = _QUOTED.search(said)
    if not quoted:
        return None
    lines = [i for i, row in enumerate(rows, 1) if quoted["token"] in row]
    return lines[0] if len(lines) == 1 else None


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[:CHARACTERS] + "..."
