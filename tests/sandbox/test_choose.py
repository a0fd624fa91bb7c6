"""Which sandbox is picked, what is said of it, and what is refused."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernelgepa.cli import main
from kernelgepa.errors import InputError
from kernelgepa.sandbox import Choice, backends, open_sandbox
from kernelgepa.sandbox.choose import VARIABLE
from kernelgepa.sandbox.probe import GUARANTEES

RELU = Path(__file__).resolve().parents[2] / "tasks" / "npu" / "relu_i8" / "kernel.cc"


@dataclass(frozen=True)
class Done:
    """How a command has ended."""

    returncode: int
    stderr: str


def evaluate(*options: str, **environment: str) -> Done:
    """The command, in this process: what it finds and says is the point."""
    told = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stderr(told),
        redirect_stdout(io.StringIO()),
        pytest.raises(SystemExit) as ended,
    ):
        for name, value in {VARIABLE: "", **environment}.items():
            patch.setenv(name, value)
        main(["evaluate", "relu_i8", str(RELU), *options])
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, told.getvalue())


def test_auto_picks_one_that_works_and_says_what_it_keeps():
    done = evaluate("--sandbox", "auto")
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    name = line.removeprefix("sandbox: ").partition(";")[0]
    assert name in backends()
    assert name != "none"
    assert "(measured)" in line
    assert line.endswith(", ".join(GUARANTEES))


def test_what_is_named_is_used_or_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, "landlock")
    with open_sandbox() as sandbox:
        assert sandbox.name == "landlock"
    with open_sandbox(Choice("none")) as sandbox:
        assert sandbox.name == "none"
    with pytest.raises(InputError, match=r"no sandbox 'jail'; there are auto, docker, .*none"):
        open_sandbox(Choice("jail"))
    with pytest.raises(InputError, match="landlock has neither images nor runtimes"):
        open_sandbox(Choice("landlock", image="debian:12"))


def test_a_sandbox_that_does_not_start_is_never_replaced_in_silence(tmp_path: Path):
    """Without the program bwrap: asked for, it is an error; auto goes on to the next."""
    done = evaluate("--sandbox", "bwrap", PATH=str(tmp_path))
    assert done.returncode == 2
    assert "bubblewrap is not installed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = evaluate(PATH=str(tmp_path), DOCKER_HOST=f"unix://{tmp_path}/none")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("sandbox: landlock; keeps (measured)")
    assert "NO SANDBOX" not in done.stderr


def test_none_is_only_there_for_who_asks_and_says_so_each_time():
    for _ in range(2):
        done = evaluate("--sandbox", "none")
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("NO SANDBOX: ")


def test_a_guarantee_that_is_required_and_not_there_is_an_error():
    done = evaluate("--sandbox", "none", "--require", "net,fs")
    assert done.returncode == 2
    assert "does not keep network and filesystem here (measured)" in done.stderr
    assert "NO SANDBOX" not in done.stderr
    with pytest.raises(InputError, match="no guarantee 'peace'"):
        open_sandbox(Choice("landlock", require=("peace",)))
    with open_sandbox(Choice("landlock", require=("memory", "net"))) as sandbox:
        assert sandbox.guarantees()["network"]


def test_what_was_measured_is_on_record_until_it_is_to_be_measured_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with open_sandbox(Choice("landlock")) as sandbox:
        first = dict(sandbox.guarantees())
    (record,) = (tmp_path / "kernelgepa" / "guarantees").iterdir()
    record.write_text(json.dumps(dict.fromkeys(first, False)))
    with open_sandbox(Choice("landlock")) as sandbox:
        assert not any(sandbox.guarantees().values())
    with open_sandbox(Choice("landlock"), anew=True) as sandbox:
        assert sandbox.guarantees() == first
    record.write_text("{}")
    with open_sandbox(Choice("landlock")) as sandbox:
        assert sandbox.guarantees() == first
