"""Files taken out of a folder that untrusted code could write, without any sandbox in between."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgepa.content import content

sys.path.insert(0, str(content("sandbox") / "harness"))

from collect import collect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("e2c569be")
    return inside


def refusal(folder: Path, name: str, most: int = 100) -> str:
    found = collect(folder, {name: most})
    assert found.files == {}
    return found.refused[name]


def test_regular_files_are_taken(folder: Path):
    (folder / "deep").mkdir()
    (folder / "deep" / "a").write_bytes(b"1")
    (folder / "b").write_bytes(b"x" * 100)
    found = collect(folder, {"deep/a": 1, "b": 100, "c": 1})
    assert found.files == {"deep/a": b"1", "b": b"x" * 100}
    assert found.refused == {"c": "not written"}


def test_links_of_every_kind_are_refused(folder: Path):
    secret = folder.parent / "secret"
    (folder / "symbolic").symlink_to(secret)
    (folder / "inner").symlink_to("b")
    (folder / "b").write_text("x")
    (folder / "hard").hardlink_to(secret)
    (folder / "up").symlink_to("..")
    (folder / "proc").symlink_to("/proc/self/environ")
    assert refusal(folder, "symbolic") == "a link"
    assert refusal(folder, "inner") == "a link"
    assert refusal(folder, "proc") == "a link"
    assert "names" in refusal(folder, "hard")
    assert refusal(folder, "up/secret")


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", ".", "", "a/../../secret"])
def test_names_that_lead_outside_are_refused(folder: Path, name: str):
    (folder / "a").mkdir()
    assert refusal(folder, name)


def test_what_is_not_a_regular_file_is_refused_at_once(folder: Path):
    os.mkfifo(folder / "fifo")
    (folder / "directory").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket"))
        assert refusal(folder, "socket")
    assert refusal(folder, "fifo") == "not a regular file"
    assert refusal(folder, "directory") == "not a regular file"


def test_a_file_larger_than_declared_is_refused(folder: Path):
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert "at most 100" in refusal(folder, "sparse")


def test_no_descriptor_is_left_open(folder: Path):
    os.mkfifo(folder / "fifo")
    (folder / "directory").mkdir()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for name in ("fifo", "directory", "missing", "../secret"):
        collect(folder, {name: 1})
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


OLD_KERNEL = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import old_kernel, pytest
old_kernel.without(old_kernel.OPENAT2)
options = ["-q", "-p", "no:cacheprovider", "--noconftest", "-k", "not older"]
sys.exit(pytest.main([*options, sys.argv[2]]))
"""


def test_all_of_this_holds_on_older_kernels_without_openat2(tmp_path: Path):
    path = json.dumps([str(Path(__file__).parent), *(p for p in sys.path if p)])
    done = subprocess.run(
        [sys.executable, "-c", OLD_KERNEL, path, __file__],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout or "100%" in done.stdout
