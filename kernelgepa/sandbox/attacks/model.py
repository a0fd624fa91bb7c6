"""What an attack is: a job that tries to break one promise, and how it may end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from kernelgepa.protocols import Limits, SandboxStatus

Promise = Literal[
    "filesystem", "network", "processes", "memory", "disk", "syscalls", "environment",
    "results", "time", "output",
]  # fmt: skip
PROMISES: tuple[Promise, ...] = get_args(Promise)

# Small enough that an attack that is held costs nobody anything, and roomy in time, so that a
# busy machine does not make a refused attack look like one that hangs.
LIMITS = Limits(
    wall_seconds=10.0,
    cpu_seconds=5.0,
    memory_bytes=256 << 20,
    output_bytes=1 << 15,
    file_bytes=4 << 20,
    processes=16,
)
SHORT = Limits(
    wall_seconds=1.0,
    cpu_seconds=1.0,
    memory_bytes=256 << 20,
    output_bytes=1 << 15,
    file_bytes=4 << 20,
    processes=16,
)


@dataclass(frozen=True)
class Attack:
    """A script, run by Python behind a prelude, that tries to break a promise.

    It prints "got WHAT" where it alone can know that it was not refused; everything else is seen
    from outside (`outside.py`). It must reach its end, or one of `statuses`.
    """

    name: str
    tries: str  # completes "untrusted code tries to ..."
    promise: Promise
    script: str
    statuses: tuple[SandboxStatus, ...] = ("ok",)
    limits: Limits = LIMITS
    collect: Mapping[str, int] = field(default_factory=dict)  # none of these may be taken
    document: bool = False  # what is collected is JSON that its reader must refuse
    then: str = ""  # a second job, which looks for what the first left
    beside: str = ""  # a job that runs at the same time and must come to no harm
    rests_on: tuple[Promise, ...] = ()  # promises without which this one cannot be kept
    bounded: bool = True  # does no harm even where nothing confines it


# What a sandbox does not promise at all, by its name. What depends on the machine is measured
# (`Sandbox.guarantees`), and not promised where it was found not to hold.
UNPROMISED: Mapping[str, frozenset[Promise]] = {"none": frozenset(PROMISES)}


_PRELUDE = """\
import builtins, os, sys, time
bait = eval(sys.stdin.read())
REFUSALS = (OSError, MemoryError, ValueError, AttributeError)

def print(*words):
    builtins.print(*words, flush=True)

def attempt(act):
    "Whoever looks from outside sees whether it worked."
    try:
        print("did", act())
    except REFUSALS as error:
        print("refused", error)

def forbidden(what, act):
    "Only this process can tell whether it worked."
    try:
        act()
    except REFUSALS as error:
        print("refused", what, error)
    else:
        print("got", what)
"""
_PAGE = """
PAGE = b"x" * (1 << 20)
"""
_CALLS = """
libc = ctypes.CDLL(None, use_errno=True)

def call(name, *arguments):
    number = bait["calls"].get(name)
    if number is None:
        raise OSError(38, "no such system call here")
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *passed)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result

def closed(name, *arguments):
    "A call that must not even look at its arguments."
    try:
        call(name, *arguments)
    except OSError as error:
        if error.errno in (1, 38):
            print("refused", name, error)
            return
        print("got", name, "as far as", error)
        return
    print("got", name)
"""


def program(script: str) -> str:
    """A script behind what it uses and no more: imports are most of a short job's time.

    On its stdin come facts, as `repr` writes them: who reads JSON imports much.
    """
    parts = [_PRELUDE]
    parts += [f"import {name}\n" for name in ("signal", "socket", "struct") if name in script]
    parts += [_PAGE] if "PAGE" in script else []
    uses_calls = any(word in script for word in ("call(", "closed(", "libc", "ctypes"))
    parts += ["import ctypes\n", _CALLS] if uses_calls else []
    return "".join([*parts, 'print("tries")\n', script])


# name: (x86_64, aarch64), from linux/unistd.h; kept apart from the filter's own table on purpose
CALLS: Mapping[str, tuple[int | None, int | None]] = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close_range": (436, 436),
    "exit": (60, 93),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "inotify_add_watch": (254, 27),
    "inotify_init1": (294, 26),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "rt_sigqueueinfo": (129, 138),
    "semget": (64, 190),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "tgkill": (234, 131),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}


def calls(machine: str) -> Mapping[str, int]:
    """Numbers of system calls on a machine; none where it is not known."""
    column = {"x86_64": 0, "aarch64": 1}.get(machine)
    if column is None:
        return {}
    return {name: n for name, row in CALLS.items() if (n := row[column]) is not None}
