"""A wall of Linux namespaces around the zygote, by bubblewrap; no engine, no privilege."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.sandbox import devices, harness
from kernelgepa.sandbox.local import LocalZygote
from kernelgepa.sandbox.wall import Needs, Zygote

_TMP_FILES = 4  # files of the largest size that a request may leave, as in its own bounds
_TMP_SPARE = 64 << 20


class BwrapWall:
    """Namespaces of its own: files, processes, network, users. One for all requests of a zygote,
    each of which is confined again behind it."""

    name = "bwrap"

    def start(self, needs: Needs) -> Zygote:
        """Raises InfrastructureError."""
        binary = shutil.which("bwrap")
        if binary is None:
            raise InfrastructureError("bubblewrap is not installed (no program bwrap)")
        links, system = _system()
        interpreter = (Path(sys.executable), Path(sys.executable).resolve())
        own = (content("sandbox") / "harness", *interpreter, *harness.interpreter_paths())
        readable = sorted({*system, *map(str, own), *map(str, needs.readable)})
        order = {
            "bwrap": binary,
            "links": links,
            "readable": _outermost(readable),
            "devices": [str(path) for name in needs.devices for path in devices.paths(name)],
            "tmp_bytes": needs.jobs * _TMP_FILES * needs.limits.file_bytes + _TMP_SPARE,
            "environment": {**harness.environment(), "TMPDIR": "/tmp"},
        }

        def argv(control: str) -> list[str]:
            inside = {**order, "argv": harness.program("zygote.py", control)}
            return harness.program("stage.py", json.dumps(inside))

        try:
            return LocalZygote(dict(needs.config), argv)
        except InfrastructureError as error:
            raise InfrastructureError(f"bubblewrap does not start here: {error}") from error


def _system() -> tuple[dict[str, str], list[str]]:
    """The system's folders that are links (path -> target), and those that are not."""
    links = {p: str(Path(p).readlink()) for p in harness.SYSTEM if Path(p).is_symlink()}
    return links, [p for p in harness.SYSTEM if p not in links and Path(p).exists()]


def _outermost(paths: list[str]) -> list[str]:
    """Without what lies in another one of them."""
    kept: list[str] = []
    for path in paths:
        if not any(Path(path).is_relative_to(other) for other in kept):
            kept.append(path)
    return kept
