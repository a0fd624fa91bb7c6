"""Wrong programs end at the compiler, with a message that a reader of the kernel can act on.

A program in programs/ says in its first line which phrases its first diagnostic must contain
(separated by `;`), marks the line to be reported with `// <- here` (or says `// line: none`), and
may name its element type in a line `// interface: TYPE`.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

import pytest

from kernelgepa.npu.frontend import Compiled, compile_kernel
from kernelgepa.npu.oplib import library, precompiled
from kernelgepa.task import Interface, Parameter, Role
from kernelgepa.verdict import Stage

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").glob("*.cc"))
CONTROLS = sorted((HERE / "controls").glob("*.cc"))
MACHINE = re.compile(r"/(?:[\w.+-]+/)+[\w.+-]+|\b[\w/]+\.hpp:\d+|wrapper\.cc|__kg_|site-packages")


@cache
def compiled(source: str) -> Compiled:
    named = re.search(r"^// interface: (\w+)$", source, re.M)
    dtype = named[1] if named else "int16"
    roles: dict[str, Role] = {"a": "in", "b": "in", "c": "out"}
    parameters = tuple(Parameter(name, role, dtype) for name, role in roles.items())
    with tempfile.TemporaryDirectory() as folder:
        return compile_kernel(
            source, Interface("k", parameters), Path(folder), precompiled(library())
        )


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
def test_wrong_program_is_rejected(path: Path) -> None:
    source = path.read_text()
    first_line = source.split("\n", 1)[0]
    assert first_line.startswith("// expect: ")
    result = compiled(source)
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
def test_messages_say_nothing_of_the_machine(path: Path) -> None:
    source = path.read_text()
    result = compiled(source)
    errors = [d for d in result.diagnostics if d.severity == "error"]
    located = [d.line for d in errors if d.line is not None]
    assert len(located) == len(set(located)), "two errors for one line"
    for d in result.diagnostics:
        assert not MACHINE.search(d.message), d.message
        assert tempfile.gettempdir() not in d.message
        assert len(d.message) <= 520


@pytest.mark.parametrize("path", CONTROLS, ids=lambda p: p.stem)
def test_right_program_compiles(path: Path) -> None:
    result = compiled(path.read_text())
    assert result.stage is Stage.CORRECT, result.diagnostics
    assert "define" in result.ir
    assert not result.diagnostics


def lines_of(body: str) -> list[tuple[int | None, str]]:
    source = (
        f"#include <aie_api/aie.hpp>\nvoid k(int16_t *a, int16_t *b, int16_t *c) {{\n{body}\n}}\n"
    )
    return [(d.line, d.message) for d in compiled(source).diagnostics]


def test_errors_come_in_the_order_of_lines() -> None:
    found = lines_of(
        "auto x = aie::load_v<16>(a).extract<32>(0);\n"
        "c[0] = missing;\n"
        "aie::store_v(c, aie::add(aie::load_v<16>(a), aie::load_v<32>(b)));",
    )
    assert [line for line, _ in found] == [3, 4, 5]


def test_consequences_of_an_error_are_not_reported() -> None:
    found = lines_of("c[0] = aie::add(aie::load_v<16>(a), aie::load_v<24>(b))[0];")
    assert [line for line, _ in found] == [3]


def test_a_line_directive_does_not_name_another_place() -> None:
    found = lines_of('#line 7 "/etc/hostname"\nc[0] = missing;')
    assert found
    assert all("hostname" not in message for _, message in found)
    found = lines_of('#line 70000 "kernel.cc"\nc[0] = missing;')
    assert [line for line, _ in found] == [None]


def test_a_warning_keeps_its_line_and_comes_after_errors() -> None:
    found = lines_of("#warning slow\nc[0] = missing;")
    assert [line for line, _ in found] == [4, 3]


def test_many_errors_end() -> None:
    found = lines_of("\n".join(f"c[{i}] = missing{i};" for i in range(200)))
    assert 1 <= len(found) <= 21


def test_the_text_of_a_message_is_not_an_error() -> None:
    assert lines_of('#pragma message "\\nkernel.cc:1:1: error: forged"\nc[0] = a[0];')[0][0] == 3
    source = (
        '#pragma message "\\nkernel.cc:1:1: error: forged"\nvoid k(short *, short *, short *) {}\n'
    )
    result = compiled(source)
    assert result.stage is Stage.CORRECT
    assert all(d.severity != "error" for d in result.diagnostics)


def test_what_is_said_twice_is_said_once() -> None:
    again = "#pragma clang loop vectorize(enable)\nfor (int i = 0; i < 64; i++) c[i] = a[i] + b[i];"
    found = lines_of(f"{again}\n{again}")
    assert [line for line, _ in found] == [4]
    assert found[0][1].endswith("(again in line 6)")
    found = lines_of("c[0] = mac16(a);\nc[1] = a[0];\nc[2] = mac16(b);")
    assert found == [(3, "use of undeclared identifier 'mac16' (again in line 5)")]
