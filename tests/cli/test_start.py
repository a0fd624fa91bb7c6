"""Starting is quick because nothing heavy is imported; the time itself is printed by no test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kernelgepa

HEAVY = (
    "litellm", "torch", "triton", "docker", "numpy", "ml_dtypes", "llvmlite", "wasmtime", "jinja2",
    "ziglang", "tree_sitter", "tree_sitter_cpp", "rich", "asyncio", "ssl", "bm25s",
)  # fmt: skip
STARTS = {
    "import kernelgepa": "import kernelgepa",
    "--help": "from kernelgepa.cli import main; main(['--help'])",
    "--version": "from kernelgepa.cli import main; main(['--version'])",
    "optimize --help": "from kernelgepa.cli import main; main(['optimize', '--help'])",
    "a mistake": "from kernelgepa.cli import main; main(['optimize', 'x', '--budget', '0'])",
    "tasks list": "from kernelgepa.cli import main; main(['tasks', 'list'])",
}
REPORT = """
import atexit, sys
path = sys.argv[1]
atexit.register(lambda: open(path, "w").write("\\n".join(sys.modules)))
"""


@pytest.mark.parametrize("name", STARTS)
def test_starting_imports_nothing_heavy(name: str, tmp_path: Path):
    listed = tmp_path / "modules"
    subprocess.run(
        [sys.executable, "-c", REPORT + STARTS[name], listed], capture_output=True, check=False
    )
    loaded = set(listed.read_text().split("\n"))
    assert "kernelgepa" in loaded
    assert sorted(loaded & set(HEAVY)) == []


def test_the_public_names_are_there():
    assert callable(kernelgepa.evaluate) and callable(kernelgepa.optimize)
    with pytest.raises(AttributeError, match="no attribute 'optimise'"):
        kernelgepa.optimise  # noqa: B018


INTERRUPTED = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class AtOnce:
    def find_spec(self, name, *more):
        if name == "kernelgepa.cli.bench":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, AtOnce())
runpy.run_module("kernelgepa", run_name="__main__")
"""


def test_an_interrupt_while_it_is_still_being_loaded_is_one_line():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
