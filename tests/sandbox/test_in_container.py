"""kernelgepa itself in a container: no engine, no user namespaces, few capabilities.

Collected where there is a container engine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgepa.npu.oplib import library
from kernelgepa.sandbox.docker import skeleton

KEPT = ("--cap-add", "SETUID", "--cap-add", "SETGID")
ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("docker_engine")


@pytest.mark.parametrize("dropped", ["all", "all but setuid"])
@pytest.mark.parametrize("user", ["0:0", "4321:4321"])
def test_in_a_container_without_namespaces_or_engine_there_is_landlock(
    user: str, dropped: str, tmp_path: Path
):
    done = _in_container(user, "seccomp=unconfined", dropped, *_cache(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "relu_i8: correct" in done.stdout
    assert done.stderr.startswith("sandbox: landlock; keeps (measured) filesystem, network")


def test_an_engines_own_filter_may_hide_landlock_and_then_that_is_said():
    done = _in_container("4321:4321", "no-new-privileges")
    assert done.returncode == 0, done.stderr
    assert "relu_i8: correct" in done.stdout
    assert "landlock" in done.stderr


def _cache(folder: Path) -> list[str]:
    """Options for a cache with the tile's own code, which would be built for seconds, and nothing
    else: what a sandbox keeps is measured in each container."""
    built = library()[0].parent
    shutil.copytree(built, folder / "kernelgepa" / built.name)
    for path in (folder, folder / "kernelgepa"):
        path.chmod(0o777)
    return ["--volume", f"{folder}:/cache", "--env", "XDG_CACHE_HOME=/cache"]


def _in_container(
    user: str, option: str, dropped: str = "all", *more: str
) -> subprocess.CompletedProcess[str]:
    paths = {"/usr", "/etc/alternatives", "/etc/ld.so.cache", str(ROOT), sys.prefix,
             str(Path(sys.base_prefix).resolve())}  # fmt: skip
    kernel = ROOT / "tasks" / "npu" / "relu_i8" / "kernel.cc"
    command = [
        "docker", "run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp:exec",
        "--cap-drop", "ALL", *(KEPT if dropped != "all" else ()),
        "--security-opt", option, "--user", user, "--env", "HOME=/tmp",
        "--env", f"PYTHONPATH={ROOT}", *more,
        *(part for path in sorted(paths) if Path(path).exists()
          for part in ("--volume", f"{path}:{path}:ro")),
        skeleton(), sys.executable, "-m", "kernelgepa", "evaluate", "relu_i8", str(kernel),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)
