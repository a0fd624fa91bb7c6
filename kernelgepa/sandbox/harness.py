"""Starts the stdlib-only programs of sandbox/harness with a clean start and a clean environment."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kernelgepa.content import content

# What a dynamically linked program needs to start, and no user's files.
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives",
)  # fmt: skip


def program(name: str, *arguments: str) -> list[str]:
    """argv of a harness program: no site packages, nothing but its own folder on the path."""
    script = content("sandbox") / "harness" / name
    return [sys.executable, "-s", "-S", "-B", str(script), *arguments]


def environment() -> Mapping[str, str]:
    """What a harness program finds in its environment; nothing of the user's but where to write."""
    import tempfile  # noqa: PLC0415

    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "TMPDIR": tempfile.gettempdir(),
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@cache
def interpreter_paths() -> tuple[Path, ...]:
    """The running interpreter's library, packages and headers, to be read by what it runs."""
    names = ("stdlib", "platstdlib", "purelib", "platlib", "include", "platinclude")
    found = {Path(sysconfig.get_path(name)).resolve() for name in names}
    found |= {Path(sys.base_prefix).resolve() / "lib"} if _own_prefix() else set()
    return tuple(sorted(p for p in found if p.is_dir()))


def _own_prefix() -> bool:
    """Whether the interpreter lies in a folder of its own, shared libraries included."""
    return Path(sys.base_prefix).resolve() not in {Path("/"), Path("/usr"), Path("/usr/local")}
