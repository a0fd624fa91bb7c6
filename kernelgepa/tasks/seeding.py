"""Starting a task from a kernel that exists already, instead of its own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.task import ModuleReference, Task
from kernelgepa.tasks import Start
from kernelgepa.tasks.catalogue import SOURCES
from kernelgepa.tasks.source import functions

_LANGUAGES = {
    "npu-sim": ("C++", SOURCES), "torch": ("Python", (".py",)),
    "cuda": ("CUDA C++", (".cu", ".cuh", ".cpp", ".cc")), "triton": ("Python", (".py",)),
}  # fmt: skip


def suited(path: Path, task: Task) -> None:
    """Raises InputError where a file's name says that it is written for another target."""
    language, suffixes = _LANGUAGES.get(task.target, ("", ()))
    known = {suffix for _, others in _LANGUAGES.values() for suffix in others}
    if suffixes and path.suffix in known - set(suffixes):
        raise InputError(
            f"{path} can be no kernel of {task.name}: those of target {task.target} are "
            f"{language}, expected a file that ends in {suffixes[0]}"
        )


def seeded(task: Task, text: str, start: Start = "canonical", origin: str = "the seed") -> Task:
    """The task, begun from this kernel. Raises InputError where it can be none of the task's."""
    if start != "canonical":
        raise InputError(f"{origin} stands in for the working kernel, and start is {start!r}")
    if isinstance(task.reference, ModuleReference):
        from kernelgepa.tasks import modules  # noqa: PLC0415

        return modules.with_seed(task, text, origin)
    wanted = task.interface.function
    if task.target == "npu-sim" and wanted not in {f.name for f in functions(text)}:
        raise InputError(f"{origin}: it defines no function `void {wanted}(...)`, as {task.name}")
    return replaced(task, text)


def replaced(task: Task, text: str) -> Task:
    """The task with another kernel, unchecked; another task by its digest."""
    made = hashlib.sha256(f"{task.digest}\0{text}".encode("utf-8", "surrogatepass"))
    return replace(task, seeds={"canonical": text}, digest=made.hexdigest()[:16])
