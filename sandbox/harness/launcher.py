"""Runs one command confined. A job comes as JSON on stdin, the report goes as JSON to stdout.

stdin stays open while the result is wanted: when it closes, the command and all it started are
killed. Run as `python -s -S launcher.py`. Job: argv, directory, readable, stdin (base64),
wall_seconds, cpu_seconds, memory_bytes, output_bytes, file_bytes, processes. Report: status,
exit_code, stdout, stderr (base64), seconds, detail; or only `failure`, where nothing was run.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from typing import Any

import confine
import supervise
import trees

SPARE_PROCESSES = 64
SCRATCH_FACTOR = 4  # a job's folder may hold this many files of the largest size


def _descriptor_with(data: bytes) -> int:
    descriptor = os.memfd_create("stdin")
    with os.fdopen(os.dup(descriptor), "wb") as out:
        out.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def _become_command(
    job: dict[str, Any], policy: confine.Policy, identity: confine.Identity, descriptors: list[int]
) -> None:
    """In the child: never returns. `descriptors`: stdin, stdout, stderr, where to say why not."""
    why = descriptors[3]
    try:
        _reset_signals()
        os.setsid()
        os.chdir(policy.scratch)
        used = policy.processes
        if identity.uid is None:
            used += SPARE_PROCESSES + supervise.processes_of_user()
        for number in range(3):
            os.dup2(descriptors[number], number)
        confine.close_descriptors((0, 1, 2, why))
        os.set_inheritable(why, False)
        confine.confine(policy, identity, used)
        os.execvpe(job["argv"][0], job["argv"], dict(confine.environment(policy.scratch)))
    except OSError as error:
        os.write(why, f"{job['argv'][0]}: {error}".encode())
    finally:
        os._exit(127)


def run(job: dict[str, Any], hangups: list[int]) -> dict[str, Any]:
    """Runs the job and reports; everything it started has ended when this returns."""
    directory = os.path.realpath(job["directory"])
    policy = confine.Policy(
        scratch=directory,
        readable=tuple(job["readable"]),
        cpu_seconds=job["cpu_seconds"],
        memory_bytes=job["memory_bytes"],
        file_bytes=job["file_bytes"],
        processes=job["processes"],
        execute_scratch=True,
    )
    identity = confine.Identity.choose((directory, *policy.readable))
    identity.owns(directory)
    confine.become_subreaper()
    out, err, why = os.pipe(), os.pipe(), os.pipe()
    given = _descriptor_with(base64.b64decode(job["stdin"]))
    child = os.fork()
    if child == 0:
        _become_command(job, policy, identity, [given, out[1], err[1], why[1]])
    for descriptor in (given, out[1], err[1], why[1]):
        os.close(descriptor)
    streams = [supervise.Stream(pipe[0], job["output_bytes"]) for pipe in (out, err)]
    streams.append(supervise.Stream(why[0], 4096))
    for stream in streams:
        os.set_blocking(stream.descriptor, False)
    bounds = supervise.Bounds(
        job["wall_seconds"],
        job["cpu_seconds"],
        job["memory_bytes"],
        directory,
        SCRATCH_FACTOR * job["file_bytes"],
    )
    ending = supervise.Supervisor(child, streams, bounds, hangups, identity.uid).run()
    if streams[2].data:
        return {"failure": streams[2].data.decode("utf-8", "replace")}
    return {
        "status": ending.status,
        "exit_code": ending.exit_code,
        "stdout": base64.b64encode(streams[0].data).decode("ascii"),
        "stderr": base64.b64encode(streams[1].data).decode("ascii"),
        "seconds": ending.seconds,
        "detail": ending.detail,
    }


def main() -> None:
    wake_out, wake_in = os.pipe()
    os.set_blocking(wake_in, False)
    signal.set_wakeup_fd(wake_in)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    job = json.loads(sys.stdin.buffer.readline())
    try:
        report = run(job, [0, wake_out])
    except OSError as error:
        report = {"failure": str(error)}
    if report.get("status") == "stopped":
        trees.remove_tree(job["directory"])
        return
    sys.stdout.write(json.dumps(report))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
