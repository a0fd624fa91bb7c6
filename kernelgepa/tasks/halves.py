"""Texts that no file and no process can be given: those with half a character, a lone surrogate."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kernelgepa.errors import InputError
from kernelgepa.task import Task

_HALF = re.compile(r"[\ud800-\udfff]")


def whole(what: str, text: str) -> None:
    """Raises InputError where a text has half a character."""
    found = _HALF.search(text)
    if found:
        raise InputError(
            f"{what} has half a character ({found[0]!a}, a surrogate): expected text that "
            "UTF-8 can hold"
        )


def of_task(task: Task) -> None:
    """Raises InputError where a text of a task has half a character."""
    whole(f"the name of task {task.name!a}", task.name)
    own = f"task {task.name}"
    for what, text in (("description", task.description), ("digest", task.digest)):
        whole(f"{own}: its {what}", text)
    for workload in task.workloads:
        whole(f"{own}: the name of workload {workload.name!a}", workload.name)
    of_components(f"{own}: its seed", {**task.seeds, **task.components})


def of_components(what: str, components: Mapping[str, str]) -> None:
    """Raises InputError where the text of a component has half a character."""
    for text in components.values():
        whole(what, text)
