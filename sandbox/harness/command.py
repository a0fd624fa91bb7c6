"""A command as a request: its files are written, it runs confined, what it may leave is taken.

A job is JSON: argv (an empty first word is this interpreter), files (name -> base64), collect
(name -> most bytes), stdin (base64), limits, readable, devices. The answer is JSON: status,
exit_code, stdout, stderr (base64), files, refused, seconds; or only `failure`, where nothing was
run.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import confine
import supervise
from collect import collect, hold

SCRATCH_FACTOR = 4  # a job's folder may hold this many files of the largest size


@dataclass(frozen=True)
class Place:
    """Where and as whom a job runs."""

    scratch: str
    identity: confine.Identity
    processes: int  # those of the job and all that count with them
    confined: bool


def run(job: dict[str, Any], place: Place, hangups: Sequence[int]) -> bytes | None:
    """The answer; None where nobody waits for it any more. All that the job started has ended."""
    folder = hold(Path(place.scratch))  # the job may give the name to another
    try:
        _write(place.scratch, job["files"])
        place.identity.owns(place.scratch)
        done = _follow(job, place, hangups)
        if "failure" not in done:
            taken = collect(folder, job["collect"])
            done["files"] = {name: _text(data) for name, data in taken.files.items()}
            done["refused"] = dict(taken.refused)
    except OSError as error:
        done = {"failure": str(error)}
    finally:
        os.close(folder)
    if done.get("status") == "stopped":
        return None
    return json.dumps(done).encode()


def _text(data: bytes | bytearray) -> str:
    return base64.b64encode(data).decode("ascii")


def _write(scratch: str, files: dict[str, str]) -> None:
    for name, data in files.items():
        target = Path(scratch) / PurePosixPath(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(data))


def _follow(job: dict[str, Any], place: Place, hangups: Sequence[int]) -> dict[str, Any]:
    limits = job["limits"]
    policy = confine.Policy(
        scratch=place.scratch,
        readable=tuple(job["readable"]),
        cpu_seconds=limits["cpu_seconds"],
        memory_bytes=limits["memory_bytes"],
        file_bytes=limits["file_bytes"],
        processes=limits["processes"],
        execute_scratch=True,
        devices=tuple(job["devices"]),
    )
    out, err, why = os.pipe(), os.pipe(), os.pipe()
    given = os.memfd_create("stdin")
    with os.fdopen(os.dup(given), "wb") as file:
        file.write(base64.b64decode(job["stdin"]))
    os.lseek(given, 0, os.SEEK_SET)
    child = os.fork()
    if child == 0:
        _become(job["argv"], policy, place, (given, out[1], err[1], why[1]))
    for descriptor in (given, out[1], err[1], why[1]):
        os.close(descriptor)
    streams = [supervise.Stream(pipe[0], limits["output_bytes"]) for pipe in (out, err)]
    streams.append(supervise.Stream(why[0], 4096))
    for stream in streams:
        os.set_blocking(stream.descriptor, False)
    bounds = supervise.Bounds(
        limits["wall_seconds"],
        limits["cpu_seconds"],
        limits["memory_bytes"],
        place.scratch,
        SCRATCH_FACTOR * limits["file_bytes"],
        limits["processes"],
    )
    ending = supervise.Supervisor(child, streams, bounds, hangups, place.identity.uid).run()
    if streams[2].data:
        return {"failure": streams[2].data.decode("utf-8", "replace")}
    return {
        "status": ending.status,
        "exit_code": ending.exit_code,
        "stdout": _text(streams[0].data),
        "stderr": _text(streams[1].data),
        "seconds": ending.seconds,
    }


def _become(
    argv: Sequence[str], policy: confine.Policy, place: Place, descriptors: Sequence[int]
) -> None:
    """In the child: never returns. `descriptors`: stdin, stdout, stderr, where to say why not."""
    why = descriptors[3]
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ,
                       signal.SIGCHLD):  # fmt: skip
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.chdir(policy.scratch)
        for number in range(3):
            os.dup2(descriptors[number], number)
        confine.close_descriptors((0, 1, 2, why))
        os.set_inheritable(why, False)
        if place.confined:
            confine.confine(policy, place.identity, place.processes)
        program = argv[0] or os.path.realpath(sys.executable)
        os.execvpe(program, [program, *argv[1:]], dict(confine.environment(policy.scratch)))
    except OSError as error:
        os.write(why, f"{argv[0]}: {error}".encode())
    finally:
        os._exit(127)
