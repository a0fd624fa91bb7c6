"""A sandbox that confines nothing, does everything wrong, and promises nothing."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, SandboxJob, SandboxOutcome, Workers

NOTHING = (
    "filesystem", "network", "processes", "memory", "disk", "syscalls", "environment",
    "results", "time", "output",
)  # fmt: skip


class Naive:
    """Runs jobs as the user and reads results as they lie. `sticky`: all in the same folder."""

    name = "naive"

    def __init__(self, sticky: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kernelgepa-naive-")) if sticky else None

    def guarantees(self) -> Mapping[str, bool]:
        return dict.fromkeys(NOTHING, False)

    def run(self, job: SandboxJob) -> SandboxOutcome:
        folder = self._folder or Path(tempfile.mkdtemp(prefix="kernelgepa-naive-"))
        folder.mkdir(exist_ok=True)
        for name, data in job.files.items():
            (folder / name).write_bytes(data)
        started = time.monotonic()
        process = subprocess.Popen(
            job.argv, cwd=folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = process.communicate(job.stdin)
        files, refused = _taken(folder, job)
        if self._folder is None:
            _remove(folder)
        status = "nonzero" if process.returncode else "ok"
        seconds = time.monotonic() - started
        return SandboxOutcome(status, process.returncode, out, err, files, refused, seconds)

    def workers(
        self,
        handler: str,
        jobs: int = 1,
        readable: Sequence[Path] = (),
        limits: Limits | None = None,
        answer_bytes: int = 32 << 20,
        devices: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        programs: bool = False,
    ) -> Workers:
        raise InfrastructureError("the naive sandbox has no workers")

    def close(self) -> None:
        if self._folder is not None:
            _remove(self._folder)


def _taken(folder: Path, job: SandboxJob) -> tuple[dict[str, bytes], dict[str, str]]:
    files, refused = {}, {}
    for name, most in job.collect.items():
        tool = ("head", "-c", str(10 * most), str(folder / name))
        try:
            done = subprocess.run(tool, capture_output=True, check=False, timeout=1)
        except subprocess.TimeoutExpired as error:
            raise InfrastructureError(f"reading {name} never ends") from error
        if done.returncode:
            refused[name] = "not readable"
        else:
            files[name] = done.stdout
    return files, refused


def _remove(folder: Path) -> None:
    """As far as that is easy."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.is_dir():
        with contextlib.suppress(RecursionError):
            shutil.rmtree(folder, ignore_errors=True)
