"""What untrusted code could steal, change, reach or leave; and whether any of that happened.

Nothing here believes what a job says: a secret is found in its output, a file has changed, a
process was signalled, a socket saw a byte, or something is left.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from kernelgepa.content import content
from kernelgepa.home import home
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.attacks.listeners import Listeners
from kernelgepa.sandbox.attacks.model import calls
from kernelgepa.sandbox.attacks.victim import Victim

Canary = Literal[
    "secret", "files", "victim", "listener", "process", "leftover", "said", "status", "output",
    "result", "reader", "neighbour", "next",
]  # fmt: skip
_KEY = "KERNELGEPA_ATTACK_API_KEY"
_ROOTS = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/usr/lib", "/etc")
_LOOKS = 3
_GRACE_SECONDS = 2.0  # what is being ended or removed may take a moment to go


@dataclass(frozen=True)
class Breach:
    """One thing that an attack got away with."""

    canary: Canary
    detail: str


class Outside:
    """The bait, laid out on entering; `breaches` tells what happened to it, and repairs it."""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self.marker = "kernelgepa-attack-" + secrets.token_hex(8)
            self.mark = self.marker + "-mark"  # a file that lies in the folder of each job
            self._key = int.from_bytes(secrets.token_bytes(3), "big") | 1 << 24
            names = ("file in the temporary folder", "file at home", "name of a file",
                     "environment", "command line", "memory", "neighbour")  # fmt: skip
            self.secrets = {name: secrets.token_hex(16) for name in names}
            self._folders = [_folder(stack, None), _folder(stack, home())]
            self._target = self._folders[0] / "target"
            self._target.mkdir()
            self._lay()
            environment, command = self.secrets["environment"], self.secrets["command line"]
            _set_variable(stack, _KEY, environment)
            self._victim = Victim({_KEY: environment}, command, self.secrets["memory"])
            stack.callback(self._victim.close)
            self._listeners = stack.enter_context(Listeners(self._folders[0], self.marker))
            self._before = self._files()
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def facts(self) -> Mapping[str, Any]:
        """What jobs are told, so that they know where to strike. Holds no secret."""
        return {
            "marker": self.marker,
            "key": self._key,
            "secrets": [str(folder / "secret") for folder in self._folders],
            "folders": [str(folder) for folder in self._folders],
            "target": str(self._target),
            "roots": [str(p) for p in self._roots()],
            "temp": tempfile.gettempdir(),
            "harness": str(content("sandbox") / "harness" / "zygote.py"),
            "parent": os.getpid(),
            "victim": self._victim.pid,
            "victim_mark": "kernelgepa-victim",
            "address": self._victim.address,
            "calls": calls(os.uname().machine),
            **self._listeners.facts(),
        }

    def stolen(self, *texts: bytes) -> Iterator[Breach]:
        """Secrets that appear in what a job printed or left."""
        for what, secret in self.secrets.items():
            if any(secret.encode() in text for text in texts):
                yield Breach("secret", f"the secret in the {what} came out")

    def breaches(self) -> list[Breach]:
        """What has happened since the last call. What was changed or left is put right."""
        found = [Breach("process", f"{left} processes were left") for left in self._end()]
        found += [Breach("leftover", f"{path} was left") for path in self._leftovers()]
        found += [Breach("leftover", f"{what} was left") for what in self._ipc()]
        found += [Breach("files", f"{what} outside was changed") for what in self._changed()]
        found += [Breach("victim", what) for what in self._victim.harm()]
        found += [Breach("listener", what) for what in self._listeners.heard()]
        return found

    def _lay(self) -> None:
        """Open to every user, so that only the sandbox stands before it."""
        for folder, what in zip(self._folders, tuple(self.secrets)[:2], strict=True):
            folder.chmod(0o777)
            secret = folder / "secret"
            if not secret.exists():
                secret.write_text(self.secrets[what])
            secret.chmod(0o666)
            (folder / f"named-{self.secrets['name of a file']}").touch()
        self._target.mkdir(exist_ok=True)
        self._target.chmod(0o777)

    def _files(self) -> Mapping[Path, tuple[object, ...]]:
        """Everything in the bait's folders, with attributes and content."""
        found: dict[Path, tuple[object, ...]] = {}
        for folder in self._folders:
            for path in sorted(_below(folder)):
                at = path.lstat()
                text = path.read_bytes() if path.name == "secret" else b""
                extra = tuple(os.listxattr(path)) if path.name == "secret" else ()
                times = at.st_mtime_ns if path.name == "secret" else 0
                found[path] = (at.st_mode, at.st_uid, at.st_nlink, times, extra, text)
        return found

    def _changed(self) -> list[str]:
        now = self._files()
        changed = [p for p in self._before if now.get(p) != self._before[p]]
        changed += [p for p in now if p not in self._before]
        if not changed:
            return []
        for path in changed:
            _remove(path)
        self._lay()
        self._before = self._files()
        return [path.name for path in changed]

    def _end(self) -> Iterator[int]:
        """Kills what carries the marker in its command line; tells how many would not go."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while (left := self._running()) and time.monotonic() < deadline:
            time.sleep(0.05)
        if left:
            yield len(left)
        while left:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            left = self._running()

    def _running(self) -> set[int]:
        """Several looks, as one may miss a process that forks away under another number."""
        found = set(_processes(self.marker))
        for _ in range(_LOOKS - 1):
            time.sleep(0.004)
            found |= set(_processes(self.marker))
        return found

    def _roots(self) -> list[Path]:
        own = {Path(tempfile.gettempdir()), Path(home()), Path.cwd(), Path(os.__file__).parent}
        return sorted({*own, *map(Path, _ROOTS)})

    def _leftovers(self) -> list[Path]:
        """Removes what is left anywhere under the marker's name; tells what that was."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while (found := self._named()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for path in found:
            _remove(path)
        return found

    def _named(self) -> list[Path]:
        places = [*self._roots(), Path("/dev/mqueue"), Path("/run"), Path("/")]
        found = [Path(e.path) for place in places for e in _entries(place) if self.marker in e.name]
        for folder in _entries(Path(tempfile.gettempdir())):
            if folder.name.startswith("kernelgepa") and Path(folder.path) not in self._folders:
                inside = [p for p in _below(Path(folder.path), 2) if self.marker in p.name]
                found += [p.parent if p.name == self.mark else p for p in inside]
        return sorted(set(found))

    def _ipc(self) -> list[str]:
        """System V objects under the attack's key, and queues of its name; they are removed."""
        libc = ctypes.CDLL(None, use_errno=True)
        remove: Mapping[str, Callable[[int], object]] = {
            "shm": lambda n: libc.shmctl(n, 0, None),
            "msg": lambda n: libc.msgctl(n, 0, None),
            "sem": lambda n: libc.semctl(n, 0, 0),
        }
        found = []
        unlink = calls(os.uname().machine).get("mq_unlink")
        if unlink is not None and libc.syscall(ctypes.c_long(unlink), self.marker.encode()) == 0:
            found.append("a message queue")
        for kind, end in remove.items():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
                    key, number = line.split()[:2]
                    if int(key) == self._key:
                        end(int(number))
                        found.append(f"System V {kind}")
        return found


def _folder(stack: contextlib.ExitStack, where: str | Path | None) -> Path:
    """A new folder there, or in the temporary folder if it cannot be there; removed on exit."""
    try:
        made = Path(tempfile.mkdtemp(prefix="kernelgepa-attack-", dir=where))
    except OSError:
        made = Path(tempfile.mkdtemp(prefix="kernelgepa-attack-"))
    stack.callback(_remove, made)
    return made


def _set_variable(stack: contextlib.ExitStack, name: str, value: str) -> None:
    before = os.environ.get(name)
    os.environ[name] = value
    if before is None:
        stack.callback(os.environ.pop, name, None)
    else:
        stack.callback(os.environ.__setitem__, name, before)


def _processes(marker: str) -> list[int]:
    """Newest first: one that forks from process to process is soon gone from where it was seen."""
    found = []
    listed = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    for name in sorted(listed, reverse=True):
        with contextlib.suppress(OSError):
            opened = os.open(f"/proc/{name}/cmdline", os.O_RDONLY)
            with contextlib.closing(os.fdopen(opened, "rb", buffering=0)) as file:
                if marker.encode() in file.read():
                    found.append(name)
    return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder))
    except OSError:
        return []


def _below(folder: Path, depth: int = 8) -> list[Path]:
    """Everything in a folder, following no link."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    inside = [Path(entry.path) for entry in _entries(folder)]
    return [*inside, *(p for one in inside if depth > 1 for p in _below(one, depth - 1))]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        tool = [*harness.program("trees.py"), str(path)]
        subprocess.run(tool, env=dict(harness.environment()), check=False, timeout=60)
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()
