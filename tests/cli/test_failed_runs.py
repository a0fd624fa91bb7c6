"""What is left of a run that did not begin, and what is said of one that could not end."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Done

from kernelgepa.engine.journal import EVENTS, Journal
from kernelgepa.runs.folder import has_begun, run_folder

ROOM = 4096  # bytes a file may have; a journal of one step has more


def test_a_run_that_did_not_begin_leaves_nothing(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    for name in ("new", "mine"):
        with (
            pytest.raises(KeyboardInterrupt),
            run_folder("x", tmp_path / name) as folder,
            Journal(folder),
        ):
            raise KeyboardInterrupt
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]  # which was there before


def test_one_that_has_begun_stays(tmp_path: Path):
    with pytest.raises(ValueError), run_folder("x", tmp_path / "new") as folder:
        (folder / EVENTS).write_text("{}\n")
        raise ValueError
    assert has_begun(tmp_path / "new")


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


def test_a_full_disk_is_said_with_how_the_run_goes_on(work: Path, command: Callable[..., Done]):
    done = subprocess.run(
        [sys.executable, "-m", "kernelgepa", "optimize", "relu_i8", "--out", "run"],
        cwd=work, capture_output=True, text=True, check=False, timeout=120,
        preexec_fn=_small_files,
    )  # fmt: skip
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    said = done.stderr.splitlines()
    assert any(line.startswith("internal error: ") and "File too large" in line for line in said)
    assert any(line.startswith("go on with it: ") and line.endswith("resume run") for line in said)
    assert (work / "run" / EVENTS).stat().st_size <= ROOM
    shown = command("show", "run").out.splitlines()[-1]
    assert re.match(r"not ended; go on with `.* resume run`;", shown)
