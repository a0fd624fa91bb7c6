"""The image of a container that needs no registry: a file tree of links and empty folders.

What the container runs is the host's own, mounted read-only: /usr, the interpreter, the packages.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

NAME = "kernelgepa-skeleton"
_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_FOLDERS = ("usr", "etc/alternatives", "dev", "proc", "sys", "run", "root", "tmp")
_PASSWD = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
_GROUP = "root:x:0:\nnogroup:x:65534:\n"


def host_paths() -> tuple[Path, ...]:
    """What of the host's system such a container finds at the same place."""
    links = (Path("/") / name for name in _LINKS)
    own = [p for p in links if p.is_dir() and not p.is_symlink()]  # a system without merged /usr
    files = (Path("/etc/ld.so.cache"), Path("/etc/alternatives"))
    return (Path("/usr"), *own, *(p for p in files if p.exists()))


def skeleton() -> bytes:
    """The tree as a tar archive, the same bytes each time on one machine."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in _FOLDERS:
            _add(archive, name, tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755)
        for name in _LINKS:
            path = Path("/") / name
            if path.is_symlink():
                _add(archive, name, tarfile.SYMTYPE, 0o777, link=str(path.readlink()))
            elif path.is_dir():
                _add(archive, name, tarfile.DIRTYPE, 0o755)
        _add(archive, "etc/passwd", tarfile.REGTYPE, 0o644, _PASSWD.encode())
        _add(archive, "etc/group", tarfile.REGTYPE, 0o644, _GROUP.encode())
        _add(archive, "etc/ld.so.cache", tarfile.REGTYPE, 0o644)
    return out.getvalue()


def _add(
    archive: tarfile.TarFile, name: str, kind: bytes, mode: int, data: bytes = b"", link: str = ""
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), link
    archive.addfile(entry, io.BytesIO(data))


def imported(api: Any) -> str:
    """The image's name at the engine behind a docker-py APIClient, which has it from now on."""
    from docker.errors import ImageNotFound  # noqa: PLC0415

    data = skeleton()
    tag = hashlib.sha256(data).hexdigest()[:12]
    name = f"{NAME}:{tag}"
    try:
        api.inspect_image(name)
    except ImageNotFound:
        api.import_image_from_data(data, repository=NAME, tag=tag)
    return name
