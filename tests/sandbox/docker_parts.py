"""A container image of this interpreter and nothing else, made without a registry."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

PREFIX = "/usr/local"
HANDLER = """
import json, os, sys
import kernelgepa

def handle(request):
    return json.dumps({
        "request": request.decode(), "uid": os.getuid(), "kernelgepa": kernelgepa.__file__,
        "prefix": sys.prefix,
    }).encode()
"""
_LEFT_OUT = ("test", "idlelib", "site-packages", "dist-packages", "__pycache__", "ensurepip",
             "lib2to3", "tkinter", "turtledemo")  # fmt: skip


def python_image() -> bytes:
    """A tar archive: python3 under /usr/local with one module of its own, and its libraries."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    program = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", dereference=True) as archive:
        archive.add(program, f"{PREFIX}/bin/python3")
        archive.add(library, f"{PREFIX}/lib/{version}", filter=_slim)
        for found in _libraries([program, *library.glob("lib-dynload/*.so")]):
            archive.add(found, _place(found))
        _text(archive, f"{PREFIX}/lib/{version}/site-packages/only_in_the_image.py", HANDLER)
        _text(archive, "etc/passwd", "root:x:0:0::/:/bin/sh\n")
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(folder)
    return out.getvalue()


def _place(library: Path) -> str:
    """Where the loader looks without a cache of names, if it is in no folder of the system."""
    known = library.is_relative_to("/lib") or library.is_relative_to("/usr")
    return str(library) if known or library.parent == Path("/lib64") else f"/usr/lib/{library.name}"


def _slim(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(entry.name).parts
    return None if any(p in _LEFT_OUT or p.startswith("config-") for p in parts) else entry


def _libraries(files: list[Path]) -> set[Path]:
    """What the loader takes for these files, by the names it uses, and itself."""
    done = subprocess.run(
        ["ldd", *map(str, files)], capture_output=True, text=True, check=False
    ).stdout
    return {Path(m[1]) for m in re.finditer(r"(?:=> |^\s+)(/\S+) \(0x", done, re.MULTILINE)}


def _text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text.encode()), 0o644
    archive.addfile(entry, io.BytesIO(text.encode()))
