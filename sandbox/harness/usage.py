"""What a tree of processes takes: memory, and room on the disk, however it hides it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_FILES = 10_000
_PATH_CHARACTERS = 3000  # what nests deeper than paths can name is no use to anyone
_SOCKET_BYTES = 2 * 212_992  # most that a socket keeps for who does not read; wmem_max, doubled
_FIELD = re.compile(r"^(RssAnon|RssShmem|Pss_Shmem):\s+(\d+) kB", re.MULTILINE)
_MAPPED = re.compile(r"^(\w+)-(\w+) \S+ \S+ (\S+) ([1-9]\d*) +/(?!dev/zero)\S.* \(deleted\)$", re.M)


def private_bytes(pids: Sequence[int]) -> int:
    """Resident memory that is no file's, summed over processes; shared pages count once.

    What the kernel keeps between sockets cannot be seen: each counts with all it may hold.
    """
    open_ = (found for pid in pids for found in _descriptors(pid))
    total = _SOCKET_BYTES * len({s.st_ino for s in open_ if stat.S_ISSOCK(s.st_mode)})
    for pid in pids:
        found = _fields(f"/proc/{pid}/status")
        total += found.get("RssAnon", 0)
        shared = found.get("RssShmem", 0)
        if shared:
            total += _fields(f"/proc/{pid}/smaps_rollup").get("Pss_Shmem", shared)
    return total


def _fields(path: str) -> dict[str, int]:
    try:
        text = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    return {m[1]: int(m[2]) << 10 for m in _FIELD.finditer(text)}


def scratch_full(root: str, most_bytes: int, pids: Sequence[int]) -> bool:
    """Whether a folder holds more than `most_bytes`, too many files or too deep a tree.

    Files without a name that `pids` still have open or mapped count as well. A folder that may not
    be listed is made to hide something: it counts as too much.
    """
    total = sum(dict(_unnamed(pids)).values())
    files, pending = 0, [root]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    files += 1
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    if files > _FILES or total > most_bytes or len(entry.path) > _PATH_CHARACTERS:
                        return True
        except PermissionError:
            return True
        except OSError:
            continue  # gone meanwhile
    return total > most_bytes


def _unnamed(pids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(inode, bytes) of removed files; one that is only mapped counts as far as it is mapped."""
    for pid in pids:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
            for m in _MAPPED.finditer(text):
                yield int(m[4]), int(m[2], 16) - int(m[1], 16)
        for found in _descriptors(pid):
            if found.st_nlink == 0 and stat.S_ISREG(found.st_mode):
                yield found.st_ino, found.st_blocks * 512


def _descriptors(pid: int) -> Iterator[os.stat_result]:
    """What a process has open."""
    with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            found = _stat(entry.path)
            if found:
                yield found


def _stat(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except OSError:
        return None
