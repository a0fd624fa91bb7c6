"""What is optimised: bundled tasks, task folders, C++ files and NPUEval records.

`load` turns what a user names into a Task; `list_tasks` and `check` are about the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kernelgepa.tasks.catalogue import TaskInfo, list_tasks, locate

if TYPE_CHECKING:
    from kernelgepa.protocols import Target
    from kernelgepa.task import Task

Start = Literal["canonical", "stub"]

__all__ = ["Start", "TaskInfo", "check", "list_tasks", "load", "locate"]


def load(spec: str, start: Start = "canonical") -> Task:
    """The task named by `spec`, which is sure to have a seed for `start`.

    `spec` is a bundled task's name, a task folder, a C++ file, or FILE.jsonl#kernel_name.
    Raises InputError, one sentence, for everything that cannot be used.
    """
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.tasks import cppfile, folder, npueval  # noqa: PLC0415

    found = locate(spec)
    if found.kind == "record":
        task = npueval.load(found.path, found.record)
    elif found.kind == "cpp":
        task = cppfile.load(found.path)
    else:
        task = folder.load(found.path)
    if start not in task.seeds:
        raise InputError(f"{spec} has no {start!r} start; it has {', '.join(sorted(task.seeds))}")
    return task


def check(spec: str, target: Target | None = None) -> list[str]:
    """Sentences about what is wrong with a task; empty where nothing is.

    Without a target the seed is not compiled or run. Raises InfrastructureError of the target.
    """
    from kernelgepa.tasks import checking  # noqa: PLC0415

    return checking.problems(spec, target)
