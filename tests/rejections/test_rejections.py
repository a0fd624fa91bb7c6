"""Wrong programs end at the compiler, with a message that a reader of the kernel can act on.

A program in programs/ says in its first line which phrases its first diagnostic must contain
(separated by `;`), marks the line to be reported with `// <- here` (or says `// line: none`), and
may name its element type in a line `// interface: TYPE`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernelgepa.npu.frontend import Compiled, compile_kernel
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Stage

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").glob("*.cc"))
CONTROLS = sorted((HERE / "controls").glob("*.cc"))
MACHINE = re.compile(r"/(?:[\w.+-]+/)+[\w.+-]+|\b[\w/]+\.hpp:\d+|wrapper\.cc|__kg_|site-packages")


def compiled(source: str, folder: Path) -> Compiled:
    named = re.search(r"^// interface: (\w+)$", source, re.M)
    dtype = named[1] if named else "int16"
    roles = (("a", "in"), ("b", "in"), ("c", "out"))
    parameters = tuple(Parameter(name, role, dtype) for name, role in roles)  # type: ignore
    return compile_kernel(source, Interface("k", parameters), folder)


def expected_line(source: str) -> int | None:
    marked = [i for i, line in enumerate(source.split("\n"), 1) if "// <- here" in line]
    if not marked:
        assert "// line: none" in source
        return None
    assert len(marked) == 1
    return marked[0]


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 80
    assert len(CONTROLS) >= 8


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_wrong_program_is_rejected(path: Path, tmp_path: Path) -> None:
    source = path.read_text()
    first_line = source.split("\n", 1)[0]
    assert first_line.startswith("// expect: ")
    result = compiled(source, tmp_path)
    assert result.stage in (Stage.REFUSED, Stage.COMPILE), "it compiled"
    assert result.ir == ""
    first = result.diagnostics[0]
    assert first.severity == "error"
    for phrase in first_line.removeprefix("// expect: ").split(";"):
        assert phrase.strip() in first.message
    assert first.line == expected_line(source), first.message
    if first.line is not None:
        assert "// <- here" in first.source


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_messages_say_nothing_of_the_machine(path: Path, tmp_path: Path) -> None:
    source = path.read_text()
    result = compiled(source, tmp_path)
    errors = [d for d in result.diagnostics if d.severity == "error"]
    located = [d.line for d in errors if d.line is not None]
    assert len(located) == len(set(located)), "two errors for one line"
    for d in result.diagnostics:
        assert not MACHINE.search(d.message), d.message
        assert str(tmp_path) not in d.message
        assert len(d.message) <= 520


@pytest.mark.parametrize("path", CONTROLS, ids=lambda p: p.stem)
def test_right_program_compiles(path: Path, tmp_path: Path) -> None:
    result = compiled(path.read_text(), tmp_path)
    assert result.stage is Stage.CORRECT, result.diagnostics
    assert "define" in result.ir
    assert not result.diagnostics
