"""The wheel brings what the repository's content folders hold, and the extras that are promised."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("feedback", "docs_index", "sandbox", "tasks")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(out.glob("*.whl")))


def files_of(folder: str) -> set[str]:
    """Files of a folder by path, without what running leaves behind. Asks no git: sources may
    come without one, or belong to another user."""
    found = (p for p in (ROOT / folder).rglob("*") if p.is_file())
    return {str(p.relative_to(ROOT)) for p in found if "__pycache__" not in p.parts}


@pytest.mark.parametrize("folder", FOLDERS)
def test_content_folder_is_in_the_wheel_whole(wheel: zipfile.ZipFile, folder: str):
    files = files_of(folder)
    assert files
    packed = {n.removeprefix("kernelgepa/_content/") for n in wheel.namelist()}
    assert files <= packed
    for name in files:
        assert wheel.read(f"kernelgepa/_content/{name}") == (ROOT / name).read_bytes()


def test_every_module_and_its_data_are_in_the_wheel(wheel: zipfile.ZipFile):
    files = files_of("kernelgepa")
    assert {f for f in files if "report/page/" in f}
    assert files <= set(wheel.namelist())
    tops = {n.split("/")[0] for n in wheel.namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"kernelgepa"}


def test_extras_and_licence(wheel: zipfile.ZipFile):
    meta = next(n for n in wheel.namelist() if n.endswith("METADATA"))
    text = wheel.read(meta).decode()
    for extra in ("torch", "triton", "cuda", "docker", "mcp"):
        assert f"Provides-Extra: {extra}" in text
    assert "License-Expression: Apache-2.0" in text


@pytest.mark.parametrize("folder", [*FOLDERS, "benchmarks", "tests"])
def test_each_content_folder_has_a_readme(folder: str):
    assert (ROOT / folder / "README.md").read_text().startswith("# ")
