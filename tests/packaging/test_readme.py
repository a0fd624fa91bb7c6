"""What the README shows is there and works."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
READMES = sorted(p for p in ROOT.glob("[a-z]*/README.md"))


def test_it_opens_with_the_two_commands():
    assert re.match(r"# kernelgepa\n\n    make demo.*\n    make test.*\n", README)


def test_the_kernel_it_shows_is_optimised_by_the_command_beside_it(tmp_path: Path):
    (kernel,) = re.findall(r"```cpp\n(.*?)```", README, re.DOTALL)
    (words,) = re.findall(r"^    kernelgepa (optimize scale\.cc .*)$", README, re.MULTILINE)
    (tmp_path / "scale.cc").write_text(kernel)
    done = subprocess.run(
        [sys.executable, "-m", "kernelgepa", *words.split(), "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1])["speedup"]["value"] > 8
    assert (tmp_path / "runs" / "scale" / "best" / "kernel.cc").is_file()


def test_the_python_it_shows_runs(tmp_path: Path):
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    check = "assert verdict.correct and result.confirmed and result.speedup > 8\n"
    subprocess.run([sys.executable, "-c", program + check], cwd=tmp_path, check=True)


@pytest.mark.parametrize("readme", [ROOT / "README.md", *READMES], ids=lambda p: p.parent.name)
def test_links_lead_to_files(readme: Path):
    for link in re.findall(r"\]\(([^)#]+)\)", readme.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (readme.parent / link).exists(), link


def test_every_folder_is_in_the_table():
    named = set(re.findall(r"^\| \[?`(\w+)/`\]?[^|]*\|[^|]*\|$", README, re.MULTILINE))
    assert named == {*(p.parent.name for p in READMES), "kernelgepa"}


def test_folders_of_tests_are_there():
    text = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)/`", text, re.MULTILINE)
    assert len(named) > 8
    assert [n for n in named if not (ROOT / "tests" / n).is_dir()] == []
