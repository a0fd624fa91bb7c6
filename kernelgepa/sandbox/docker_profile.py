"""The engine's own filter of system calls for our containers, as the JSON text it takes.

The engine's default would refuse Landlock, and leaves open what the tables of
sandbox/harness/seccomp.py close. What only a job must not do (those tables once more, narrower) is
closed by the job's own filter, beneath this one.
"""

from __future__ import annotations

import errno
import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError

# What the processes that serve and clean up after jobs do and a job may not.
_OF_SUPERVISORS = frozenset(
    {
        "chmod",
        "fchmod",
        "fchmodat",
        "chown",
        "fchown",
        "lchown",
        "fchownat",
        "memfd_create",
        "sendmsg",
        "sendmmsg",
    }
)
_NAMESPACE_BITS = tuple(
    1 << bit for bit in (17, 25, 26, 27, 28, 29, 30)
)  # of clone(2): CLONE_NEW*, linux/sched.h
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_AF_UNIX = 1


def profile(devices: bool) -> str:
    """Everything allowed but the calls of the tables and namespaces of one's own."""
    tables = _tables()
    open_ = _OF_SUPERVISORS | (tables.OF_DRIVERS if devices else frozenset())
    rules = [
        _refuse([name for name in tables.DENIED if name not in open_]),
        _refuse(list(tables.ABSENT), error=errno.ENOSYS),
        *(_refuse(["clone"], _masked(0, bit, bit)) for bit in _NAMESPACE_BITS),
        *(_refuse(["ioctl"], _masked(1, 0xFFFFFFFF, number)) for number in _TERMINAL_INPUT),
    ]
    if devices:
        not_local = {"index": 0, "value": _AF_UNIX, "op": "SCMP_CMP_NE"}
        rules.append(_refuse(["socket"], not_local))
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules})


def _refuse(
    names: Sequence[str], *arguments: Mapping[str, object], error: int = errno.EPERM
) -> dict[str, object]:
    return {
        "names": list(names),
        "action": "SCMP_ACT_ERRNO",
        "errnoRet": error,
        "args": list(arguments),
    }


def _masked(index: int, mask: int, value: int) -> dict[str, object]:
    return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}


@cache
def _tables() -> ModuleType:
    """sandbox/harness/seccomp.py, which is no part of a package."""
    path = content("sandbox") / "harness" / "seccomp.py"
    spec = importlib.util.spec_from_file_location("kernelgepa_seccomp_tables", path)
    if spec is None or spec.loader is None:
        raise InfrastructureError(f"cannot read {path}")
    module = importlib.util.module_from_spec(spec)
    # a dataclass looks its module up by name
    import sys  # noqa: PLC0415

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
