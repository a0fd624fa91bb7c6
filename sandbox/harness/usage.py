"""What a tree of processes takes: memory, and room on the disk, however it hides it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_FILES = 10_000
_PATH_CHARACTERS = 3000  # what nests deeper than paths can name is no use to anyone
_SOCKET_BYTES = 2 * 212_992  # most that a socket keeps for who does not read; wmem_max, doubled
_FIELD = re.compile(r"^(RssAnon|RssShmem|Pss_Shmem):\s+(\d+) kB", re.MULTILINE)
_MAPPED = re.compile(r"^(\w+)-(\w+) \S+ \S+ (\S+) ([1-9]\d*) +/(?!dev/zero)\S.* \(deleted\)$", re.M)


def more_memory(pids: Sequence[int], most_bytes: int) -> bool:
    """Whether processes hold more than that: resident memory that is no file's.

    What the kernel keeps between sockets cannot be seen: each counts with all it may hold. Shared
    pages count once; that takes milliseconds to find out where much is mapped, and is asked only
    where counting them in each process is too much.
    """
    places = _places(pids)
    open_ = (found for place in places for found in _descriptors(place))
    held = _SOCKET_BYTES * len({s.st_ino for s in open_ if stat.S_ISSOCK(s.st_mode)})
    if held + sum(sum(_resident(place)) for place in places) <= most_bytes:
        return False
    for place in places:  # anew: those that have ended meanwhile hold nothing
        private, shared = _resident(place)
        held += private
        if shared:
            held += _fields(f"{place}/smaps_rollup").get("Pss_Shmem", shared)
    return held > most_bytes


def _resident(place: str) -> tuple[int, int]:
    """Bytes of a process's own, and of pages that others may have, too."""
    found = _fields(f"{place}/status")
    return found.get("RssAnon", 0), found.get("RssShmem", 0)


def _places(pids: Iterable[int]) -> list[str]:
    """Where in /proc each process can be seen: a process whose first thread has ended shows nothing
    there, and goes on in another."""
    return [place for pid in pids if (place := _place(f"/proc/{pid}"))]


def _place(process: str) -> str:
    if _fields(f"{process}/status"):
        return process
    with suppress(OSError), os.scandir(f"{process}/task") as threads:
        for thread in threads:
            if _fields(f"{thread.path}/status"):
                return thread.path
    return ""


def _fields(path: str) -> dict[str, int]:
    try:
        text = Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    return {m[1]: int(m[2]) << 10 for m in _FIELD.finditer(text)}


def hidden(pids: Sequence[int]) -> bool:
    """Whether one of this user's processes cannot be looked into: it runs a program that the user
    may execute and not read. What it holds open cannot be counted."""
    return any(_closed(place) for place in _places(pids))


def _closed(place: str) -> bool:
    try:
        with os.scandir(f"{place}/fd") as entries:
            for entry in entries:
                Path(entry.path).stat()  # root may list what it may not look at
                break
    except PermissionError:
        return bool(_fields(f"{place}/status"))  # one that is ending is closed, too
    except OSError:
        pass
    return False


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
    for place in _places(pids):
        with suppress(OSError):
            data = Path(f"{place}/maps").read_bytes()
            removed = b" (deleted)\n" in data  # seldom, and to find them takes as long as to read
            for m in _MAPPED.finditer(data.decode("utf-8", "replace") if removed else ""):
                yield int(m[4]), int(m[2], 16) - int(m[1], 16)
        for found in _descriptors(place):
            if found.st_nlink == 0 and stat.S_ISREG(found.st_mode):
                yield found.st_ino, found.st_blocks * 512


def _descriptors(place: str) -> Iterator[os.stat_result]:
    """What a process has open; its threads have no table of their own (seccomp.py)."""
    with suppress(OSError), os.scandir(f"{place}/fd") as entries:
        for entry in entries:
            found = _stat(entry.path)
            if found:
                yield found


def _stat(path: str) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except OSError:
        return None
