"""Runs `kernelgepa`: as a process of its own, or its `main` in this one, in an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cli_support import Done

from kernelgepa import tasks
from kernelgepa.cli import main
from tests.caches import warm


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one, a home and a cache of its own."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(warm(tmp_path / "cache")))
    monkeypatch.delenv("COLUMNS", raising=False)
    return folder


@pytest.fixture
def process(work: Path) -> Callable[..., Done]:
    """`process("evaluate", ...)`: a process whose output goes into pipes."""

    def run(*words: str, env: Mapping[str, str] | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "kernelgepa", *words],
            cwd=work,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=240,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def command(work: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """`command("evaluate", ...)`: the same without a new process, where many are tried."""

    def run(*words: str) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        found = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, found.out, found.err)

    return run


@pytest.fixture
def folder(work: Path) -> Callable[..., Path]:
    """A copy of a bundled task, with `old` replaced by `new` in one of its files."""
    source = next(i.path for i in tasks.list_tasks() if i.name == "relu_i8")

    def make(file: str = "", old: str = "", new: str = "") -> Path:
        made = work / "mine"
        shutil.copytree(source, made, ignore=shutil.ignore_patterns("__pycache__"))
        if file:
            text = (made / file).read_text()
            assert old in text
            (made / file).write_text(text.replace(old, new, 1))
        return made

    return make
