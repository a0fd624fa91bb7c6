"""What is optimised: bundled tasks, task folders, C++ files, NPUEval records, modules of torch.

`load` turns what a user names into a Task; `list_tasks` and `check` are about the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kernelgepa.tasks.catalogue import Location, TaskInfo, list_tasks, locate

if TYPE_CHECKING:
    from kernelgepa.protocols import Sandbox, Target
    from kernelgepa.sandbox import Choice
    from kernelgepa.task import Task

Start = Literal["canonical", "stub"]

__all__ = ["Start", "TaskInfo", "check", "list_tasks", "load", "locate"]


def load(
    spec: str,
    start: Start = "canonical",
    device: str = "",
    shrink: bool | None = None,
    sandbox: Sandbox | Choice | None = None,
) -> Task:
    """The task named by `spec`, which is sure to have a seed for `start`.

    `spec` is a bundled task's name, a task folder, a C++ file, FILE.jsonl#kernel_name, a Python
    file with Model and get_inputs, or kernelbench:PATH#L1/19. `device`: where modules of torch are
    to run ("cpu", "cuda:0"), by default where `measured.devices.default` says. `shrink`: whether
    one too large for a CPU is made smaller, by default only on a CPU; `sandbox`: where that is
    found out. Raises InputError, one sentence, for everything that cannot be used.
    """
    return started(_task(locate(spec), *chosen(device, shrink), sandbox), start, spec)


def started(task: Task, start: Start, spec: str) -> Task:
    """The task, which is sure to have a seed for `start`. Raises InputError."""
    from kernelgepa.errors import InputError  # noqa: PLC0415

    if start not in task.seeds:
        raise InputError(f"{spec} has no {start!r} start; it has {', '.join(sorted(task.seeds))}")
    return task


def chosen(device: str, shrink: bool | None) -> tuple[str, bool]:
    """What `load` takes where the user says neither."""
    from kernelgepa.measured import devices  # noqa: PLC0415

    device = device or devices.default()
    return device, device == "cpu" if shrink is None else shrink


def _task(found: Location, device: str, smaller: bool, sandbox: Sandbox | Choice | None) -> Task:
    from kernelgepa.tasks import cppfile, folder, npueval  # noqa: PLC0415

    if found.kind == "record":
        return npueval.load(found.path, found.record)
    if found.kind == "cpp":
        return cppfile.load(found.path)
    if found.kind == "module":
        from kernelgepa.tasks import modules  # noqa: PLC0415

        return modules.of_file(found.path, device, smaller, sandbox)
    if found.kind == "kernelbench":
        from kernelgepa.tasks import modules  # noqa: PLC0415

        return modules.of_spec(found.record, device, smaller, sandbox)
    return folder.load(found.path, device)


def check(spec: str, target: Target | None = None) -> list[str]:
    """Sentences about what is wrong with a task; empty where nothing is.

    Without a target the seed is not compiled or run. Raises InfrastructureError of the target.
    """
    from kernelgepa.tasks import checking  # noqa: PLC0415

    return checking.problems(spec, target)
