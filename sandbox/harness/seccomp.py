"""A seccomp filter in pure Python: what untrusted code may not ask of the kernel.

Everything else stays allowed, so that compilers and linkers run unchanged; what a path rule
(Landlock) or a limit decides is decided there. Numbers: Linux uapi asm/unistd_64.h and
asm-generic/unistd.h; filter layout: linux/seccomp.h, linux/bpf_common.h, linux/audit.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_SOCKET = (41, 198)
# name: (x86_64, aarch64); None where the architecture has no such call.
DENIED: Mapping[str, tuple[int | None, int | None]] = {
    # other processes' memory and descriptors
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # the file tree, around path rules
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "acct": (163, 89),
    # namespaces
    "unshare": (272, 97),
    "setns": (308, 268),
    # large kernel interfaces nothing here needs
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "vmsplice": (278, 75),
    # memory that no limit counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    # network, of every family
    "socket": _SOCKET,
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "connect": (42, 203),
    # a removed file on its way between sockets is held where no supervisor sees it
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # watching files that may not be read
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    # shared memory and queues that outlive the process
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    # attributes of files: Landlock does not cover them, and the files may be the user's own
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "mknod": (133, None),
    "mknodat": (259, 33),
    # the scheduling of the user's other processes
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setattr": (314, 274),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
}
# Of these, what the drivers of accelerators need; a socket then of AF_UNIX only, and no peer.
# NVIDIA's listens on one, to which nobody here can connect.
OF_DRIVERS = frozenset({"socket", "bind", "listen", "mbind", "set_mempolicy"})
# The C library falls back to clone, whose flags a filter can see.
ABSENT: Mapping[str, tuple[int, int]] = {"clone3": (435, 435)}
NEWEST_KNOWN = 450  # later calls do not exist for untrusted code

_CLONE, _PRLIMIT, _AFFINITY, _PRCTL = (56, 220), (302, 261), (203, 122), (157, 167)
_IOCTL, _SOCKETPAIR, _KILL = (16, 29), (53, 199), (62, 129)
_CLOSE_RANGE = (436, 436)
_A_THREAD, _SAME_FILES, _UNSHARE_FILES = 0x10000, 0x400, 2
_NEW_NAMESPACES = 0x7E020000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_AF_UNIX, _STREAM, _SEQPACKET = 1, 1, 5  # a pair of any other kind can send to names
_PR_SET_DUMPABLE = 4  # would hide descriptors from the supervisor
_X32_BIT = 0x40000000

_LOAD, _JEQ, _JGE, _JSET, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARG0, _ARG1, _ARG2 = 0, 4, 16, 24, 32
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


@dataclass(frozen=True)
class Architecture:
    column: int  # of the tables above
    audit: int


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(0, 0xC000003E),
    "aarch64": Architecture(1, 0xC00000B7),
}


def _op(code: int, k: int, jt: int = 0, jf: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jt, jf, k)


def _refuse(error: int) -> bytes:
    return _op(_RETURN, _ERRNO | error)


def _argument_rules(column: int, devices: bool) -> list[bytes]:
    """Calls that are refused for some arguments only; each leaves the number loaded again."""
    rules: list[bytes] = []

    def rule(call: tuple[int, int], offset: int, *tests: bytes) -> None:
        body = [_op(_LOAD, offset), *tests, _op(_LOAD, _NUMBER)]
        rules.append(_op(_JEQ, call[column], 0, len(body)))
        rules.extend(body)

    eperm = _refuse(errno.EPERM)
    if devices:
        rule(_SOCKET, _ARG0, _op(_JEQ, _AF_UNIX, 1, 0), eperm)
    rule(_CLONE, _ARG0, _op(_JSET, _NEW_NAMESPACES, 0, 1), eperm)
    # a thread with descriptors of its own could hold files where no supervisor looks
    rule(_CLONE, _ARG0, _op(_JSET, _A_THREAD, 0, 2), _op(_JSET, _SAME_FILES, 1, 0), eperm)
    rule(_CLOSE_RANGE, _ARG2, _op(_JSET, _UNSHARE_FILES, 0, 1), eperm)
    rule(_PRLIMIT, _ARG0, _op(_JEQ, 0, 1, 0), eperm)
    rule(_AFFINITY, _ARG0, _op(_JEQ, 0, 1, 0), eperm)
    rule(_KILL, _ARG0, _op(_JEQ, 0xFFFFFFFF, 0, 1), eperm)
    rule(_PRCTL, _ARG0, _op(_JEQ, _PR_SET_DUMPABLE, 0, 1), eperm)
    rule(
        _SOCKETPAIR, _ARG0, _op(_JEQ, _AF_UNIX, 0, 4), _op(_LOAD, _ARG1), _op(_AND, 0xF),
        _op(_JEQ, _STREAM, 2, 0), _op(_JEQ, _SEQPACKET, 1, 0), eperm,
    )  # fmt: skip
    rule(_IOCTL, _ARG1, _op(_JEQ, _TIOCSTI, 1, 0), _op(_JEQ, _TIOCLINUX, 0, 1), eperm)
    return rules


@cache
def filter_program(machine: str, devices: bool = False) -> bytes:
    """The filter as an array of sock_filter. Raises KeyError for an unknown machine.

    `devices`: what drivers do in a job that has one is open, local sockets without a peer included.
    """
    arch = ARCHITECTURES[machine]
    program = [
        _op(_LOAD, _ARCH),
        _op(_JEQ, arch.audit, 1, 0),
        _op(_RETURN, _KILL_PROCESS),
        _op(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        program += [_op(_JGE, _X32_BIT, 0, 1), _op(_RETURN, _KILL_PROCESS)]
    program += [_op(_JGE, NEWEST_KNOWN + 1, 0, 1), _refuse(errno.ENOSYS)]
    for call in ABSENT.values():
        program += [_op(_JEQ, call[arch.column], 0, 1), _refuse(errno.ENOSYS)]
    denied = {name: call for name, call in DENIED.items() if not (devices and name in OF_DRIVERS)}
    numbers = sorted(n for call in denied.values() if (n := call[arch.column]) is not None)
    for number in numbers:
        program += [_op(_JEQ, number, 0, 1), _refuse(errno.EPERM)]
    program += _argument_rules(arch.column, devices)
    program.append(_op(_RETURN, _ALLOW))
    return b"".join(program)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def prepare(devices: bool = False) -> None:
    """Makes what `install` needs, for all processes forked from here."""
    if (machine := platform.machine()) in ARCHITECTURES:
        filter_program(machine, devices)


def install(devices: bool = False) -> None:
    """Puts the filter on this thread; needs no_new_privs. Raises OSError.

    Irrevocable, and inherited by everything started from here.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no system call filter for {machine}")
    raw = filter_program(machine, devices)
    buffer = ctypes.create_string_buffer(raw, len(raw))
    program = _Program(len(raw) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), zero, zero):
        raise OSError(
            ctypes.get_errno(), "prctl(PR_SET_SECCOMP): " + os.strerror(ctypes.get_errno())
        )
