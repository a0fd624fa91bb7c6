"""Removes what untrusted code left behind, whatever it did to modes, names and depth.

Run as `python -s -S trees.py FOLDER`, or imported. Standard library only.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(root: str) -> None:
    """Removes a folder and all in it; follows no link. Nothing may write there meanwhile.

    Folders are moved to the top before they are emptied, so that depth costs neither the stack
    nor paths longer than the system takes.
    """
    with suppress(OSError):
        Path(root).chmod(0o700)
        top = os.open(root, _FOLDER)
        try:
            while sum(_empty(top, name) for name in _names(top)):
                pass
        finally:
            os.close(top)
        Path(root).rmdir()


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _empty(top: int, name: str) -> bool:
    """Removes one entry of the top folder; its folders move up. Whether that made a difference."""
    try:
        if not _is_folder(top, name):
            os.unlink(name, dir_fd=top)
            return True
        os.chmod(name, 0o700, dir_fd=top)
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            for below in _names(inner):
                if _is_folder(inner, below):
                    os.chmod(below, 0o700, dir_fd=inner)
                    os.rename(below, os.urandom(12).hex(), src_dir_fd=inner, dst_dir_fd=top)
                else:
                    os.unlink(below, dir_fd=inner)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
    except OSError:
        return False
    return True


def _is_folder(parent: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


if __name__ == "__main__":
    remove_tree(sys.argv[1])
