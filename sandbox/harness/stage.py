"""Becomes bubblewrap with a program in it. Standard library only; never returns.

One argument, JSON: bwrap, readable (host paths), links (path -> target), devices, tmp_bytes,
environment, argv. Root takes a uid of its own first: bubblewrap started by real root can be left
through /proc/sys. What such a uid cannot reach (an interpreter below /root) is then shown to it
at another place, in a mount namespace that ends with this process.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

_UIDS_FROM = 2_100_000_000  # none that a job of another kind of sandbox has
_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_NOSUID, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 32, 4096, 16384, 1 << 18
_PROCESSOR = "/sys/devices/system/cpu"  # beside /proc/cpuinfo, what numeric libraries look at
_STAGES = ("/mnt", "/media", "/srv", "/opt")
_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    texts = [None if t is None else t.encode() for t in (source, target, kind)]
    if _libc.mount(*texts, ctypes.c_ulong(flags), data.encode()):
        code = ctypes.get_errno()
        raise OSError(code, f"mount {target}: {os.strerror(code)}")


def _staged(readable: list[str]) -> dict[str, str]:
    """Where each path can be reached by any user: path -> place. For root."""
    if _libc.unshare(_CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    opened = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in readable}
    stage = next(place for place in _STAGES if Path(place).is_dir())
    _mount("tmpfs", stage, "tmpfs", _MS_NOSUID, "mode=0755,size=1m")
    places = {}
    for number, (path, descriptor) in enumerate(opened.items()):
        place = Path(stage) / str(number)
        if Path(path).is_dir():
            place.mkdir()
        else:
            place.touch()
        _mount(f"/proc/self/fd/{descriptor}", str(place), None, _MS_BIND | _MS_REC)
        _mount(None, str(place), None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID)
        places[path] = str(place)
    return places


def arguments(given: dict[str, Any], places: dict[str, str]) -> list[str]:
    """bubblewrap's command line."""
    made = [
        given["bwrap"], "--unshare-all", "--unshare-user", "--disable-userns", "--new-session",
        "--cap-drop", "ALL", "--clearenv", "--hostname", "sandbox",
        "--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev",
    ]  # fmt: skip
    for name, value in given["environment"].items():
        made += ["--setenv", name, value]
    for device in given["devices"]:
        made += ["--dev-bind-try", device, device]
    made += ["--remount-ro", "/dev", "--size", str(given["tmp_bytes"]), "--tmpfs", "/tmp"]
    made += ["--ro-bind-try", _PROCESSOR, _PROCESSOR]
    for link, target in given["links"].items():
        made += ["--symlink", target, link]
    for path in given["readable"]:  # a folder before what lies in it
        made += ["--ro-bind", places.get(path, path), path]
    return [*made, "--remount-ro", "/", "--chdir", "/", "--", *given["argv"]]


def main() -> None:
    given = json.loads(sys.argv[1])
    places: dict[str, str] = {}
    if os.geteuid() == 0:
        places = _staged(given["readable"])
        uid = _UIDS_FROM + os.getpid()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    made = arguments(given, places)
    os.execv(made[0], made)


if __name__ == "__main__":
    main()
