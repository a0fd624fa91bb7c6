"""Several tasks under one name: a file of records, or a folder of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.task import Task
from kernelgepa.tasks import Start, catalogue, load


@dataclass(frozen=True)
class Found:
    """Tasks by what names each of them, and those that cannot be used, with the reason."""

    tasks: Mapping[str, Task]
    unusable: Mapping[str, str]


def load_all(spec: str, start: Start = "canonical") -> Found:
    """The tasks named by `spec`; of one task, that one. Raises InputError where there is none."""
    path = Path(spec)
    known = spec in catalogue.bundled()
    if known or "#" in spec or not (path.suffix == ".jsonl" or _holds_tasks(path)):
        return Found({spec: load(spec, start)}, {})
    tasks: dict[str, Task] = {}
    unusable: dict[str, str] = {}
    names = set[str]()
    for one, make in _each(path, start):
        try:
            made = make()
            if made.name in names:
                raise InputError(f"{one}: the name {made.name!r} is used twice")
        except InputError as error:
            unusable[one] = str(error)
            continue
        names.add(made.name)
        tasks[one] = made
    if not tasks:
        if unusable:
            raise InputError(f"{spec} holds no usable task: {next(iter(unusable.values()))}")
        raise InputError(
            f"{spec} holds no task: expected task.toml in it, folders with a task.toml each, C++ "
            "files, or records"
        )
    return Found(tasks, unusable)


def _holds_tasks(path: Path) -> bool:
    return path.is_dir() and not (path / "task.toml").exists()


def _each(path: Path, start: Start) -> Iterator[tuple[str, Callable[[], Task]]]:
    if path.suffix == ".jsonl":
        from kernelgepa.tasks import npueval  # noqa: PLC0415

        for record, make in npueval.each(path):
            yield f"{path}#{record}", make
        return
    inside = [*path.glob("*/task.toml"), *path.glob("*/*/task.toml")]
    sources = [p for p in path.iterdir() if p.suffix in catalogue.SOURCES]
    for one in sorted({*(p.parent for p in inside), *sources}):
        yield str(one), partial(load, str(one), start)
