"""Whether a kernel for fixed shapes is right at others too. It need not be; a label says so."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.problems import Problem, digest
from kernelgepa.kernelbench.shrink import Shrunk, variants
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.task import ModuleReference, Task, Workload

TRIED = 2


def specialised(task: Task, right: Callable[[Task], bool]) -> str:
    """The label of a kernel that is wrong at other shapes than the task's; empty where none is.

    `right`: whether it is correct on a task. Shapes its reference cannot take are passed over.
    """
    for shrunk in _variants(task):
        try:
            good = right(_task(task, shrunk))
        except InputError:
            continue
        if not good:
            return f"specialised: wrong with {', '.join(map(str, shrunk.changes))}"
    return ""


def _variants(task: Task) -> Iterator[Shrunk]:
    sizes = {name: int(value) for name, value in task.workloads[0].scalars.items()}
    code = with_sizes(task.module.code, sizes)
    yield from variants(Problem(0, 0, task.name, code, digest(code), task.origin), TRIED)


def _task(task: Task, shrunk: Shrunk) -> Task:
    code = shrunk.problem.code
    return replace(
        task, reference=ModuleReference(code), workloads=(Workload("other shapes", {}),),
        digest=hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    )  # fmt: skip
