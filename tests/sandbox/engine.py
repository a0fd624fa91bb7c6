"""A real container engine: the one DOCKER_HOST names, or one of our own for the tests' time."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60
# A daemon with its defaults would change the host's firewall.
FLAGS = (
    "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false",
    "--ip-masq=false", "--userland-proxy=false", "--group=root",
)  # fmt: skip


def found() -> bool:
    """Whether there is an engine to test with."""
    if os.environ.get("DOCKER_HOST"):
        return _answers(os.environ["DOCKER_HOST"])
    return os.geteuid() == 0 and shutil.which("dockerd") is not None


@contextmanager
def engine() -> Iterator[str]:
    """DOCKER_HOST of an engine that answers. Raises RuntimeError where there is none."""
    given = os.environ.get("DOCKER_HOST")
    if given:
        if not _answers(given):
            raise RuntimeError(f"no container engine answers at {given}")
        yield given
        return
    if not found():
        raise RuntimeError("no container engine: DOCKER_HOST, or dockerd and root, are needed")
    folder = Path(tempfile.mkdtemp(prefix="kernelgepa-engine-"))
    try:
        with _started(folder) as host:
            yield host
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    host = f"unix://{folder}/sock"
    command = [
        "setpriv", "--pdeathsig", "TERM", "dockerd", "--data-root", f"{folder}/root",
        "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid", "--host", host, *FLAGS,
    ]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as daemon:
        try:
            end = time.monotonic() + START_SECONDS
            while not _answers(host):
                if daemon.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"dockerd did not start: {log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield host
        finally:
            daemon.terminate()
            daemon.wait(START_SECONDS)


def _answers(host: str) -> bool:
    import docker  # noqa: PLC0415
    from docker.errors import DockerException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    try:
        return bool(docker.DockerClient(host, timeout=10).ping())
    except (DockerException, RequestException):
        return False
