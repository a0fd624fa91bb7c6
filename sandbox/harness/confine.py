"""Confines the calling process before it touches untrusted text. Standard library only.

Order matters: identity first (it needs privileges), then limits, then path rules (they open
paths), then the system call filter, which nothing undoes.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import landlock
import seccomp
from landlock import PathRule

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 1, 8, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 36, 38, 47
_AMBIENT_RAISE = 2
_CAPABILITIES = 64
_CAP_CHOWN, _CAP_READ_SEARCH = 0, 2  # CAP_DAC_READ_SEARCH
_CAPSET_V3 = 0x20080522
NOBODY = 65534
# An identity of its own for each job: nobody else's processes. Containers number theirs alike, but
# the kernel counts processes by uid over all of them: each is told where to start.
_UIDS_FROM = int(os.environ.pop("KERNELGEPA_UIDS_FROM", "2000000000"))

DEVICES = (
    PathRule("/dev/null", landlock.READ_FILE | landlock.WRITE_FILE),
    PathRule("/dev/zero", landlock.READ_FILE),
    PathRule("/dev/urandom", landlock.READ_FILE),
    PathRule("/dev/random", landlock.READ_FILE),
)
# What numeric libraries choose their code by.
PROCESSOR = tuple(
    PathRule(path, landlock.READ_FILE | landlock.READ_DIR)
    for path in ("/proc/cpuinfo", "/sys/devices/system/cpu")
)
# What drivers look up about the machine, and about the process itself.
OF_DRIVERS = (
    "/proc/self", "/proc/devices", "/proc/modules", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/driver/nvidia", "/proc/sys/vm", "/sys/devices", "/sys/bus/pci", "/sys/class",
    "/sys/module",
)  # fmt: skip
# NVIDIA's names the threads it starts, through /proc/self/task/*/comm.
_NAMES_OF_THREADS = PathRule(
    "/proc/self/task", landlock.READ | landlock.WRITE_FILE | landlock.TRUNCATE
)
_FILES_OF_DRIVERS = 1024  # open at a time
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Policy:
    """What a confined process may reach and use."""

    scratch: str
    readable: tuple[str, ...]  # read and execute
    cpu_seconds: float | None  # None: whoever watches it counts
    memory_bytes: int
    file_bytes: int
    processes: int
    open_files: int = 256
    execute_scratch: bool = False
    devices: tuple[str, ...] = ()  # to be opened for anything


def prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(ctypes.c_int(option), *padded):
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")


def become_subreaper() -> None:
    """Orphaned descendants become children of this process, which can then kill them."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """The kernel sends `number` when the parent's thread ends; at once if it has ended already."""
    prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def _capset(bits: int) -> None:
    low, high = bits & 0xFFFFFFFF, bits >> 32
    header = (ctypes.c_uint32 * 2)(_CAPSET_V3, 0)
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    if _libc.capset(header, data):
        raise OSError(ctypes.get_errno(), "capset")


def _drop_bounding_set(keep: int) -> None:
    for capability in range(_CAPABILITIES):
        if capability == keep:
            continue
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EPERM):
                return  # past the last capability, or never had any
            raise


@dataclass(frozen=True)
class Identity:
    """Who a job runs as: None is the user who started it."""

    uid: int | None
    read_all: bool = False  # an unprivileged uid cannot reach what the job must read

    @staticmethod
    def choose(root: str, readable: Sequence[str]) -> Identity:
        """For root a uid of this process's own, for anyone else the user. `root` holds the folders
        of jobs.

        Root in a container may not be able to take another uid, to give it the job's folder, or to
        read with it what the job must read: then it is a user like others.
        """
        if os.geteuid() != 0:
            return Identity(None)
        uid = _UIDS_FROM + os.getpid()
        found = _reached(uid, root, readable)
        able = _permitted(_CAP_CHOWN) and (found or _permitted(_CAP_READ_SEARCH))
        if found is None or not able:
            return Identity(None)
        return Identity(uid, not found)

    def of_this_process(self) -> Identity:
        """The same kind of identity, in a process forked since."""
        return self if self.uid is None else Identity(_UIDS_FROM + os.getpid(), self.read_all)

    def owns(self, folder: str) -> None:
        """Gives a folder and everything in it to the job."""
        if self.uid is None:
            return
        for path, _, names in os.walk(folder):
            for name in (".", *names):
                with contextlib.suppress(OSError):
                    os.chown(Path(path) / name, self.uid, self.uid, follow_symlinks=False)


def _permitted(capability: int) -> bool:
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    row = next((r for r in text.splitlines() if r.startswith("CapPrm:")), "CapPrm: 0")
    return bool(int(row.split()[1], 16) >> capability & 1)


def _reached(uid: int, root: str, readable: Sequence[str]) -> bool | None:
    """Whether a uid can read all of these; None where it cannot be taken."""
    probe = os.fork()
    if probe == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        except OSError:
            os._exit(2)
        try:
            closed = [p for p in readable if Path(p).exists() and not os.access(p, os.R_OK)]
        except OSError:
            os._exit(1)
        os._exit(1 if closed or not os.access(root, os.X_OK) else 0)
    code = os.waitstatus_to_exitcode(os.waitpid(probe, 0)[1])
    return None if code == 2 else code == 0


def drop_identity(identity: Identity) -> bool:
    """From root to an unprivileged identity without capabilities. Returns whether it was possible.

    `read_all` keeps CAP_DAC_READ_SEARCH, for an interpreter below a folder closed to others; path
    rules then decide alone what is readable. Where no uid can be taken (a container without
    CAP_SETUID) the identity stays and only the capabilities go.
    """
    if identity.uid is None:
        if os.geteuid() != 0:
            return True
        _drop_bounding_set(-1)
        _capset(0)
        return False
    keep = _CAP_READ_SEARCH if identity.read_all else -1
    _drop_bounding_set(keep)
    if keep >= 0:
        prctl(_PR_SET_KEEPCAPS, 1)
    dropped = False
    for uid in (identity.uid, NOBODY):
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        except OSError:
            continue
        dropped = True
        break
    _capset(1 << keep if keep >= 0 else 0)
    if keep >= 0:
        prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, keep)
    return dropped


def limit(policy: Policy, processes: int) -> None:
    """Resource limits. `processes` counts every process of the uid, as the kernel does."""
    endless = resource.RLIM_INFINITY
    given = policy.cpu_seconds
    cpu = endless if given is None else max(1, int(given + 0.999))
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (cpu, cpu if given is None else cpu + 1),
        # a driver maps a device's whole memory, and locks what it shares with it
        resource.RLIMIT_AS: (endless if policy.devices else policy.memory_bytes,) * 2,
        resource.RLIMIT_FSIZE: (policy.file_bytes,) * 2,
        resource.RLIMIT_NOFILE: (_FILES_OF_DRIVERS if policy.devices else policy.open_files,) * 2,
        resource.RLIMIT_NPROC: (processes,) * 2,
        resource.RLIMIT_MEMLOCK: (endless if policy.devices else 0,) * 2,
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    for kind, (soft, hard) in wanted.items():
        ceiling = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (_least(soft, ceiling), _least(hard, ceiling)))


def _least(limit: int, other: int) -> int:
    known = [each for each in (limit, other) if each != resource.RLIM_INFINITY]
    return min(known, default=resource.RLIM_INFINITY)


def path_rules(policy: Policy) -> tuple[PathRule, ...]:
    scratch = landlock.WRITE | (landlock.EXECUTE if policy.execute_scratch else 0)
    readable = tuple(PathRule(path, landlock.READ) for path in policy.readable)
    use = landlock.READ_FILE | landlock.WRITE_FILE | landlock.IOCTL_DEV
    devices = tuple(PathRule(path, use) for path in policy.devices)
    looked_up = tuple(PathRule(path, landlock.READ) for path in OF_DRIVERS if devices)
    looked_up += (_NAMES_OF_THREADS,) if devices else ()
    return (
        PathRule(policy.scratch, scratch),
        *readable,
        *devices,
        *looked_up,
        *PROCESSOR,
        *DEVICES,
    )


def confine(policy: Policy, identity: Identity, processes: int) -> int:
    """Identity, path rules, limits and the filter, for good. Returns the Landlock ABI used.

    Without Landlock (0) the rest still applies. Raises OSError where a part that exists fails.
    """
    parent = os.getppid()
    drop_identity(identity)
    die_with_parent(parent)  # a change of identity forgets it
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    used = landlock.restrict(path_rules(policy))
    limit(policy, processes)
    try:
        seccomp.install(bool(policy.devices))
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EINVAL):
            raise
    return used


def close_descriptors(keep: Sequence[int]) -> None:
    """Closes every descriptor but `keep`."""
    last = -1
    for number in sorted(keep):
        if number > last + 1:  # an empty range from 0 would be read as "all"
            os.closerange(last + 1, number)
        last = number
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def environment(scratch: str) -> Mapping[str, str]:
    """All that untrusted code finds in its environment."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "XDG_CACHE_HOME": scratch,
        "ZIG_GLOBAL_CACHE_DIR": scratch,
        "ZIG_LOCAL_CACHE_DIR": scratch,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
