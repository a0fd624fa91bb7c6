"""A container around the processes that run untrusted code: docker, through docker-py.

One warm container for each start; its first process, sandbox/harness/box.py, serves requests on the
stream this process is attached to. When this process dies the stream ends, the container with it,
and the engine removes it; what an engine's own death leaves is swept at the next start.
"""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.home import cache_home
from kernelgepa.sandbox import devices, docker_image, harness
from kernelgepa.sandbox.docker_profile import profile
from kernelgepa.sandbox.docker_stream import AttachedZygote
from kernelgepa.sandbox.wall import Needs

_CALL_SECONDS = 30
_START_SECONDS = 60.0
_REMOVE_SECONDS = 10.0
_ROOM_BYTES = 512 << 20  # imports, and answers on their way
_ROOM_PROCESSES = 32
_PROCESSES_OF_A_JOB = 4  # its supervisor, and helpers of that
_FILES_OF_A_JOB = 4  # scratch of a job, in sizes of its largest file (zygote.py)
_OPEN_FILES = 4096
_UIDS_FROM, _UIDS = 2_010_000_000, 2_000_000_000  # beyond those of jobs outside containers
_LABEL, _OWNER, _MACHINE = "kernelgepa", "kernelgepa.owner", "kernelgepa.machine"
_XRT = Path("/opt/xilinx/xrt")
_DRIVERS = ("gpu", "compute", "utility")

# What the zygote and its supervisors need; a job has none of them, but the last in that one case.
_CAPABILITIES = (
    "SETUID", "SETGID",  # a uid of its own for each job
    "CHOWN",             # the job's folder becomes the job's
    "KILL",              # end what a job started, which has another uid
    "DAC_OVERRIDE", "FOWNER",  # remove what a job left, whatever modes it has
    "SYS_PTRACE",        # count a job's memory and removed files in /proc; ptrace itself is closed
    "DAC_READ_SEARCH",   # for a job whose interpreter is closed to others (confine.py, read_all)
)  # fmt: skip


class DockerWall:
    """Containers of the engine that DOCKER_HOST names, or the local one.

    Without `image` the container is made of the host's own /usr, interpreter and packages, mounted
    read-only: nothing is downloaded or built. An `image` brings its own /usr and a python3 with
    kernelgepa's dependencies; only kernelgepa itself is mounted. `runtime` is the engine's name of
    another OCI runtime.
    """

    name = "docker"

    def __init__(self, image: str | None = None, runtime: str | None = None) -> None:
        self._image, self._runtime = image, runtime

    def start(self, needs: Needs) -> AttachedZygote:
        """Raises InfrastructureError where no container starts, with the reason."""
        with _told_as_ours():
            api = _engine()
            try:
                zygote = self._started(api, needs)
            except BaseException:
                api.close()
                raise
        uids = {"KERNELGEPA_UIDS_FROM": str(_UIDS_FROM + secrets.randbelow(_UIDS))}
        order = {
            "config": dict(needs.config) if self._image is None else _inside(needs),
            "environment": {**harness.environment(), "TMPDIR": "/tmp", **uids},
            "own_image": self._image is not None,
        }
        try:
            zygote.configure(order, _START_SECONDS)
        except BaseException:
            zygote.stop()
            raise
        return zygote

    def _started(self, api: Any, needs: Needs) -> AttachedZygote:
        _sweep(api)
        container = self._create(api, needs, _host(needs) if self._image is None else _own(needs))
        try:
            return _attach(api, container)
        except BaseException:
            _remove(api, container)
            raise

    def _create(self, api: Any, needs: Needs, paths: tuple[Path, ...]) -> str:
        box = str(content("sandbox") / "harness" / "box.py")
        python = [sys.executable, "-s", "-S", "-B"] if self._image is None else ["python3", "-sB"]
        made = api.create_container(
            self._image or docker_image.imported(api),
            entrypoint=[*python, box],
            command=[],
            user="0:0",
            working_dir="/",
            hostname="sandbox",
            stdin_open=True,
            network_disabled=True,
            labels={_LABEL: "1", _OWNER: _owner(), _MACHINE: _machine()},
            host_config=self._host_config(api, needs, paths),
        )
        return str(made["Id"])

    def _host_config(self, api: Any, needs: Needs, paths: tuple[Path, ...]) -> Any:
        from docker.types import LogConfig, Ulimit  # noqa: PLC0415

        limits, jobs, machine = needs.limits, needs.jobs, api.info()
        passed = _devices(needs.devices)
        scratch = jobs * _FILES_OF_A_JOB * limits.file_bytes + _ROOM_BYTES
        memory = jobs * limits.memory_bytes + scratch + _ROOM_BYTES
        ulimits = [Ulimit(name="core", soft=0, hard=0),
                   Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES)]  # fmt: skip
        if passed.lock_memory:
            ulimits.append(Ulimit(name="memlock", soft=-1, hard=-1))
        cpus = min(machine["NCPU"], jobs + 1) if machine.get("CpuCfsQuota") else None
        return api.create_host_config(
            network_mode="none",
            ipc_mode="none",
            read_only=True,
            auto_remove=True,
            tmpfs={"/tmp": f"rw,exec,nosuid,nodev,size={scratch}"},
            mounts=_mounts((*paths, *passed.paths)),
            mem_limit=memory,
            memswap_limit=memory,
            nano_cpus=cpus and cpus * 10**9,
            pids_limit=jobs * (limits.processes + _PROCESSES_OF_A_JOB) + _ROOM_PROCESSES,
            cap_drop=["ALL"],
            cap_add=list(_CAPABILITIES),
            security_opt=["no-new-privileges:true", f"seccomp={profile(bool(needs.devices))}"],
            ulimits=ulimits,
            log_config=LogConfig(type="none"),
            runtime=self._runtime,
            device_requests=passed.requests,
            devices=passed.nodes,
        )


def skeleton() -> str:
    """The image without a file of its own, imported into the engine. Raises InfrastructureError."""
    with _told_as_ours():
        return docker_image.imported(_engine())


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """An engine that is missing, refuses or does not answer in time, as InfrastructureError."""
    try:
        from docker.errors import DockerException  # noqa: PLC0415
        from requests.exceptions import RequestException  # noqa: PLC0415
    except ImportError as error:
        raise InfrastructureError("docker needs `pip install kernelgepa[docker]`") from error
    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        reason = str(getattr(error, "explanation", None) or error)
        raise InfrastructureError(f"the container engine: {reason}") from error


def _engine() -> Any:
    """An APIClient; every call of it has a time-out."""
    import docker  # noqa: PLC0415

    return docker.from_env(timeout=_CALL_SECONDS).api


def _host(needs: Needs) -> tuple[Path, ...]:
    """What a container of the host's own programs must find."""
    if sys.platform != "linux":
        raise InfrastructureError("a container without an image of its own needs Linux: --image")
    prefixes = {Path(p) for p in (sys.prefix, sys.base_prefix)} - {Path("/"), Path("/usr/local")}
    return (
        *docker_image.host_paths(),
        content("sandbox") / "harness",
        *sorted(prefixes),
        *harness.interpreter_paths(),
        *needs.readable,
        *(Path(p) for p in needs.config.get("readable", ())),
    )


def _own(needs: Needs) -> tuple[Path, ...]:
    """What of kernelgepa a container of an image must find; the image has the rest."""
    package = Path(__file__).resolve().parents[1]
    own = (package, content("sandbox"))
    shown = (*own, content("tasks"), content("feedback"), content("docs_index"), cache_home())
    wanted = (*needs.readable, *(Path(p) for p in needs.config.get("readable", ())))
    real = (path.resolve() for path in wanted)
    return (*own, *(path for path in real if any(path.is_relative_to(p) for p in shown)))


def _inside(needs: Needs) -> dict[str, Any]:
    """The zygote's config in an image: none of the host's packages."""
    parent = str(Path(__file__).resolve().parents[2])
    readable = sorted({str(path) for path in _own(needs)})
    return {**needs.config, "sys_path": [parent], "readable": readable}


def _mounts(paths: Iterable[Path]) -> list[Any]:
    """Each path at its own place and where its links lead, read-only, without what is mounted
    below it (which would not be read-only)."""
    from docker.types import Mount  # noqa: PLC0415

    sources: dict[Path, Path] = {}
    for path in paths:
        if path.exists():
            real = path.resolve()
            sources |= {Path(os.path.abspath(path)): real, real: real}  # noqa: PTH100
    made: dict[Path, Path] = {}
    for target in sorted(sources):
        above = next((p for p in reversed(target.parents) if p in made), None)
        if above is None or not _same_device(made[above], sources[target]):
            made[target] = sources[target]
    mounts = []
    for target, source in made.items():
        mount = Mount(str(target), str(source), type="bind", read_only=True)
        mount["BindOptions"] = {"Propagation": "rprivate", "NonRecursive": True}
        mounts.append(mount)
    return mounts


def _same_device(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


@dataclass(frozen=True)
class _Passed:
    """Devices on their way into a container."""

    requests: list[Any]
    nodes: list[str]
    paths: tuple[Path, ...]
    lock_memory: bool


def _devices(names: Iterable[str]) -> _Passed:
    from docker.types import DeviceRequest  # noqa: PLC0415

    names = sorted(set(names))
    parsed = {name: devices.parse(name) for name in names}
    cuda = [str(d[1]) for d in parsed.values() if not isinstance(d, Path) and d[0] == "cuda"]
    npu = any(not isinstance(d, Path) and d[0] == "npu" for d in parsed.values())
    nodes = [path for name in names if not name.startswith("cuda") for path in devices.paths(name)]
    requests = [DeviceRequest(device_ids=cuda, capabilities=[list(_DRIVERS)])] if cuda else []
    xrt = (_XRT,) if npu and _XRT.exists() else ()
    return _Passed(requests, [f"{node}:{node}:rw" for node in nodes], xrt, npu)


def _attach(api: Any, container: str) -> AttachedZygote:
    wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    attached = api.attach_socket(container, params=wanted)
    api.start(container)

    def end() -> None:
        attached.close()
        _remove(api, container)
        api.close()

    return AttachedZygote(getattr(attached, "_sock", attached), end)


def _remove(api: Any, container: str) -> None:
    """Ends a container, and waits until the engine has forgotten it. An engine that is gone or
    does not answer is left alone: without our stream the container ends by itself."""
    from docker.errors import DockerException, NotFound  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    with contextlib.suppress(DockerException, RequestException):  # also: it is being removed
        api.remove_container(container, force=True, v=True)
    deadline = time.monotonic() + _REMOVE_SECONDS
    with contextlib.suppress(NotFound, DockerException, RequestException):
        while time.monotonic() < deadline:
            api.inspect_container(container)
            time.sleep(0.02)


def _sweep(api: Any) -> None:
    """Removes containers of kernelgepas of this machine that are gone."""
    found = api.containers(all=True, filters={"label": [f"{_LABEL}=1", f"{_MACHINE}={_machine()}"]})
    for container in found:
        pid, _, started = container["Labels"].get(_OWNER, "").partition(":")
        if pid.isdecimal() and not _lives(int(pid), started):
            _remove(api, container["Id"])


def _owner() -> str:
    return f"{os.getpid()}:{_started(os.getpid())}"


def _lives(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return _started(pid) == started
    except OSError:
        return False
    return _started(pid) == started


def _started(pid: int) -> str:
    """When a process started, as /proc says it; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _machine() -> str:
    """Whose process numbers an owner's is: several machines may share an engine."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()
