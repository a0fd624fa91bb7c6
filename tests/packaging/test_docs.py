"""The pages of docs/: links lead somewhere, commands parse, examples run and print what they show.

"File `NAME`:" before a block makes it a whole file; "$ COMMAND" as a block's first line makes it a
command and its output. Numbers are not compared: the cycle model's may change.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pytest

import kernelgepa
from kernelgepa import tasks
from kernelgepa.cli import main, root
from kernelgepa.docs_index import load, of_words, sections
from kernelgepa.docs_index.search import Index
from kernelgepa.errors import InputError
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.npu.target import NpuSim
from kernelgepa.playbook.rules import Facts
from kernelgepa.proposers import Scripted
from kernelgepa.protocols import Case
from kernelgepa.task import Interface, Parameter
from tests.caches import warm

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]
NAMES = ("concepts", "task", "rule", "target", "manual", "report", "measured", "using", "results")


@dataclass(frozen=True)
class Block:
    """A fenced block; `file` is its name where it is a whole file."""

    language: str
    text: str
    file: str = ""


def blocks(text: str) -> list[Block]:
    found = re.findall(
        r"(?:^File `([^`\n]+)`:\n\n)?^(`{3,})(\w*)\n(.*?)^\2$", text, re.MULTILINE | re.DOTALL
    )
    return [Block(language, body, name) for name, _, language, body in found]


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def files(name: str, folder: Path) -> list[str]:
    """Writes the files of a page; their names."""
    made = []
    for block in blocks(page(name)):
        if block.file:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
            made.append(block.file)
    return made


def transcripts(text: str) -> Iterator[tuple[str, str]]:
    """Commands and what they printed."""
    for block in blocks(text):
        if block.text.startswith("$ "):
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                yield command, printed


def plain(text: str) -> str:
    """Numbers as #, runs of white space as one."""
    return " ".join(re.sub(r"\d[\d,]*(?:\.\d+)?", "#", text).split())


def anchors(path: Path) -> set[str]:
    """What GitHub makes of headings."""
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def broken(text: str, folder: Path) -> list[str]:
    """Links to files that are not there, or to headings they do not have."""
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        path = folder / name
        inside = path.resolve().is_relative_to(ROOT) and path.exists()
        if not inside or (anchor and anchor not in anchors(path)):
            wrong.append(link)
    return wrong


def commands(text: str) -> Iterator[tuple[str, bool]]:
    """Command lines of a page, and whether each is only named, in a sentence."""
    fenced = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks(text) for line in block.text.splitlines()]
    lines += re.findall(r"^    (.*)$", text, re.MULTILINE)
    for line in lines:
        found = re.match(r"\s*(?:\$ )?(kernelgepa [a-z-].*)", line)
        if found:
            yield found[1].partition("  #")[0].strip(), False
    for span in re.findall(r"`(kernelgepa [a-z-][^`]*)`", fenced.sub("", text)):
        yield " ".join(span.split()), True


def parse(line: str, named: bool = False) -> None:
    """Raises click.UsageError where a command or an option is unknown, or a value is not allowed.

    What is only named need not be complete.
    """
    words = shlex.split(line)[1:]
    command: click.Command = root
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words.pop(0))
        if found is None:
            raise click.UsageError(f"no such command: {line}")
        command = found
    try:
        command.make_context(command.name, words)
    except click.exceptions.Exit:
        pass  # --help
    except click.MissingParameter:
        if not named:
            raise


def test_all_pages_are_in_the_index() -> None:
    assert {p.stem for p in DOCS.glob("*.md")} == {*NAMES, "README"}
    index = page("README")
    assert [n for n in NAMES if f"]({n}.md)" not in index] == []
    assert "](docs/README.md)" in PAGES[-1].read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_links_lead_to_files_of_the_repository(path: Path) -> None:
    assert broken(path.read_text(encoding="utf-8"), path.parent) == []


def test_a_broken_link_is_noticed() -> None:
    good = "[a](task.md) [b](../tasks/README.md#from-a-python-function) [c](https://a.org/x)"
    bad = "[a](no.md) [b](../tasks/README.md#no-such) [c](../../outside.md)"
    assert broken(good, DOCS) == []
    assert len(broken(bad, DOCS)) == 3


@pytest.mark.parametrize("path", PAGES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_command_lines_parse(path: Path) -> None:
    found = list(commands(path.read_text(encoding="utf-8")))
    for line, named in found:
        try:
            parse(line, named)
        except click.UsageError as error:
            pytest.fail(f"{path.name}: {line}: {error.format_message()}")
    assert found


@pytest.mark.parametrize(
    "line",
    [
        "kernelgepa optimise x", "kernelgepa optimize x --bugdet 3", "kernelgepa optimize",
        "kernelgepa tasks make x", "kernelgepa evaluate x", "kernelgepa optimize x --budget many",
        "kernelgepa optimize x --start nowhere",
    ],
)  # fmt: skip
def test_a_command_line_that_is_wrong_is_noticed(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


def options(command: click.Command) -> Iterator[str]:
    """Of a command and all below it."""
    for parameter in command.params:
        yield from parameter.opts
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from options(below)


def strange(text: str) -> list[str]:
    """Options, dotted names and paths that are named and do not exist."""
    spans = re.findall(r"`([^`\n]+)`", text)
    known = set(options(root))
    wrong = [s for s in spans if s.startswith("--") and s.split()[0] not in known]
    for dotted in re.findall(r"\bkernelgepa(?:\.[A-Za-z_]\w*)+", " ".join(spans)):
        try:
            pkgutil.resolve_name(dotted)
        except (ImportError, AttributeError):
            wrong.append(dotted)
    paths = re.findall(r"`((?:kernelgepa|tests|feedback|docs_index|sandbox|tasks)/[^`\s]*)`", text)
    return wrong + [path for path in paths if not (ROOT / path).exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_what_is_named_exists(path: Path) -> None:
    assert strange(path.read_text(encoding="utf-8")) == []


def test_a_name_of_nothing_is_noticed() -> None:
    bad = "`--bugdet 3` `kernelgepa.protocols.Tarjet` `kernelgepa/nothing.py` `tests/no/`"
    assert len(strange(bad)) == 4


def test_python_blocks_are_whole_files() -> None:
    """So that each of them is run."""
    found = [b for n in NAMES for b in blocks(page(n)) if b.language == "python"]
    assert len(found) >= 8
    assert [b.text for b in found if not b.file] == []


def said(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints, in the current directory."""
    program, *words = shlex.split(command)
    if program == "python":
        done = subprocess.run(
            [sys.executable, *words], capture_output=True, text=True, check=True
        )  # fmt: skip
        return done.stdout
    assert program == "kernelgepa"
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    found = capsys.readouterr()
    assert ended.value.code in (0, 1) and not found.err, found.err
    return found.out


@pytest.fixture
def show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], list[str]]:
    """Writes the files of a page, runs its commands, compares; what they printed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm(tmp_path / "cache")))
    monkeypatch.chdir(tmp_path)

    def run(name: str) -> list[str]:
        assert files(name, tmp_path)
        found = []
        for command, printed in transcripts(page(name)):
            found.append(said(command, capsys))
            assert plain(found[-1]) == plain(printed), f"{command}\n{found[-1]}"
        assert found
        return found

    return run


Show = Callable[[str], list[str]]


def test_the_examples_of_tasks_are_made_checked_and_judged(show: Show) -> None:
    found = show("task")
    assert sum(text.endswith(": fine\n") for text in found) == 3


CHANGES = (
    ("task.toml", "low = -2000", "lo = -2000"),
    ("task.toml", '"npu-sim"', '"vulkan"'),
    ("task.toml", "[256]", "[16384]"),
    ("task.toml", '"int16"', '"float32"'),
    ("reference.py", "np.clip(total, 0, 1023)", "total * 100"),
    ("task.toml", "low = -2000", "low = 1100"),
    ("reference.py", "np.clip(total, 0, 1023)", "np.arange(256)"),
    ("kernel.cc", "int32_t total", "integer total"),
    ("kernel.cc", "i < 256", "i < 257"),
    ("kernel.cc", "total > 1023 ? 1023", "total > 1000 ? 1000"),
)


def test_what_a_check_finds_is_what_the_table_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first problem of each row; numbers too, since a check's inputs are no secret."""
    monkeypatch.chdir(tmp_path)
    rows = page("task").partition("## What `tasks check` finds")[2].partition("\n## ")[0]
    wanted = re.findall(r"^\|[^|]*\| (`{1,2})(.*?) ?\1 \|$", rows, re.MULTILINE)
    assert len(wanted) == len(CHANGES)
    with NpuSim() as target:
        for (file, old, new), (_, text) in zip(CHANGES, wanted, strict=True):
            files("task", tmp_path)
            path = tmp_path / "clip_add" / file
            good = path.read_text()
            assert old in good
            path.write_text(good.replace(old, new))
            assert tasks.check("clip_add", target)[0] == text


def test_the_example_of_a_rule_rewrites_its_kernel(show: Show) -> None:
    (printed,) = show("rule")
    costs = [
        int(n.replace(",", "")) for n in re.findall(r"^([\d,]+) cycles", printed, re.MULTILINE)
    ]
    assert costs[0] > 2 * costs[1] > 2 * costs[2]
    assert "playbook/reciprocal" in printed
    assert "x[i] * per_s" in printed
    with pytest.raises(InputError, match="playbook-with-rules"):
        kernelgepa.resume("runs/rule", 3)


def test_a_rule_leaves_alone_what_it_does_not_recognise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files("rule", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    rule = importlib.import_module("reciprocal").reciprocal
    good = (tmp_path / "scale_down.cc").read_text()
    facts = Facts("scale_down")
    assert len(list(rule(good, facts))) == 1
    for old, new in (
        ("x[i] / s;", "x[i] * s;"), ("x[i] / s;", "x[i] / s, s += 1;"), ("float s", "int32_t s"),
        ("out[i] = x", "float s = x[i]; out[i] = x"), ("/ s;", "/ x[0];"),
    ):  # fmt: skip
        assert old in good
        assert list(rule(good.replace(old, new), facts)) == []


def test_the_example_of_a_target_judges_and_its_run_is_resumed(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = show("target")
    assert printed == [text for _, text in transcripts(page("target"))]  # its numbers are counted
    journal = (tmp_path / "runs" / "stack" / "events.jsonl").read_text()
    assert "## Cost (counted)" in journal
    assert "modelled" not in journal
    monkeypatch.syspath_prepend(tmp_path)
    machine = importlib.import_module("stack_target").StackMachine
    task = importlib.import_module("stack_task").task
    script = Scripted(lambda request: "load x\nload y\nadd\npush 1\nmul\nstore out\n")
    with machine() as target:
        with pytest.raises(InputError, match="stack-machine was given as an object"):
            kernelgepa.resume("runs/stack", 3, proposer=script, tasks=[task])
        more = kernelgepa.resume("runs/stack", 3, proposer=script, tasks=[task], target=target)
    assert more.confirmed and more.speedup == 1.25
    assert [a.verdict.stage.name for a in more.attempts[1:]] == ["COMPARE", "CORRECT", "COMPARE"]


def test_the_example_of_a_section_is_found_and_does_what_it_says(
    show: Show, tmp_path: Path
) -> None:
    show("manual")
    (tmp_path / "handbook").mkdir()
    (tmp_path / "divide.toml").rename(tmp_path / "handbook" / "divide.toml")
    (section,) = load(tmp_path / "handbook")
    assert section.id not in {s.id for s in sections()}
    found = Index([*sections(), section]).search(of_words("integer division by a constant"))
    assert found[0].section == section
    assert "int_divide: a call of" in section.cost

    source = f"#include <aie_api/aie.hpp>\nvoid k(int16_t *a, int16_t *c) {{\n{section.code}\n}}\n"
    interface = Interface("k", (Parameter("a", "in", "int16"), Parameter("c", "out", "int16")))
    a = np.arange(-320, 320, 10, dtype=np.int16)
    done = execute_here(source, interface, [Case("one", {"a": a.tobytes()}, {"c": 128}, {})])
    got = np.frombuffer(done.cases[0].outputs["c"], np.int16)
    assert got.tolist() == eval(section.result, {"a": a}).tolist()


def test_the_example_of_a_hint_matches(tmp_path: Path) -> None:
    files("manual", tmp_path)
    (rule,) = tomllib.loads((tmp_path / "diagnostics-npu-sim.toml").read_text())["rule"]
    assert set(rule) == {"match", "hint"}
    found = re.search(rule["match"], "unknown type name 'integer'")
    assert found is not None
    assert "no type integer;" in rule["hint"].format(**found.groupdict())
