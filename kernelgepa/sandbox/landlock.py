"""The sandbox that needs nothing installed: Landlock, seccomp and limits through the launcher."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob, SandboxOutcome
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.collect import collect
from kernelgepa.sandbox.probe import GUARANTEES, measure
from kernelgepa.sandbox.strict_json import loads

# What a dynamically linked program needs to start, and no user's files.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache",
          "/etc/alternatives")  # fmt: skip
_GRACE_SECONDS = 20.0


class LandlockSandbox:
    """Runs each job in a fresh directory and a fresh, confined tree of processes.

    Works for any user and without any privilege. Where the kernel has no Landlock the job still
    runs under every other measure, and `guarantees` and `missing` say what that leaves open.
    """

    name = "landlock"

    @cached_property
    def _measured(self) -> Mapping[str, bool]:
        return measure(self.run)

    def guarantees(self) -> Mapping[str, bool]:
        """What a job really cannot do here; found out by jobs that try, once per object."""
        return self._measured

    def missing(self) -> str:
        """One sentence for users on guarantees this machine does not give; empty if none."""
        open_ = [GUARANTEES[name] for name, held in self.guarantees().items() if not held]
        if not open_:
            return ""
        listed = open_[0] if len(open_) == 1 else ", ".join(open_[:-1]) + " and " + open_[-1]
        return (
            f"On this machine untrusted code could {listed}; "
            "Linux 6.12 or newer with Landlock enabled prevents it."
        )

    def run(self, job: SandboxJob) -> SandboxOutcome:
        """Runs a job to its end. Raises InfrastructureError where it could not be run at all."""
        with tempfile.TemporaryDirectory(
            prefix="kernelgepa-job-", ignore_cleanup_errors=True
        ) as made:
            directory = Path(made)
            _write_files(directory, job.files)
            report = _launch(job, directory)
            collected = collect(directory, job.collect)
        return SandboxOutcome(
            status=report["status"],
            exit_code=report["exit_code"],
            stdout=base64.b64decode(report["stdout"]),
            stderr=base64.b64decode(report["stderr"]),
            files=collected.files,
            refused=collected.refused,
            seconds=report["seconds"],
        )


def _write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise InfrastructureError(f"a job's file is named {name!r}, expected a relative path")
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _launch(job: SandboxJob, directory: Path) -> dict[str, Any]:
    order = {
        "argv": list(job.argv),
        "directory": str(directory),
        "readable": [*SYSTEM, *(str(p.resolve()) for p in job.readable)],
        "stdin": base64.b64encode(job.stdin).decode("ascii"),
        **asdict(job.limits),
    }
    launcher = subprocess.Popen(
        harness.program("launcher.py"),
        env=dict(harness.environment()),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with launcher:
        most = 4 * job.limits.output_bytes + (1 << 20)
        output = _converse(launcher, json.dumps(order).encode() + b"\n", job, most)
    if launcher.returncode != 0 or not output:
        raise InfrastructureError(f"the sandbox's launcher ended with {launcher.returncode}")
    report: dict[str, Any] = loads(output, max_bytes=most)
    if "failure" in report:
        raise InfrastructureError(f"the sandbox could not start a job: {report['failure']}")
    return report


def _converse(launcher: subprocess.Popen[bytes], order: bytes, job: SandboxJob, most: int) -> bytes:
    """Sends the order and reads the report; stdin stays open so that our death is noticed."""
    if launcher.stdin is None or launcher.stdout is None:
        raise InfrastructureError("the sandbox's launcher has no pipes")
    watchdog = threading.Timer(job.limits.wall_seconds + _GRACE_SECONDS, launcher.terminate)
    watchdog.daemon = True
    watchdog.start()
    try:
        launcher.stdin.write(order)
        launcher.stdin.flush()
        return launcher.stdout.read(most + 1)
    except BrokenPipeError:
        return b""
    finally:
        watchdog.cancel()
        launcher.stdin.close()
