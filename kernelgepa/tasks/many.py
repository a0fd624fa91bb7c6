"""Several tasks under one name: records, a folder of tasks, problems of a checkout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import problems
from kernelgepa.task import Task
from kernelgepa.tasks import Start, catalogue, chosen, load, started

if TYPE_CHECKING:
    from kernelgepa.measured.demands import Follower
    from kernelgepa.protocols import Sandbox
    from kernelgepa.sandbox import Choice


@dataclass(frozen=True)
class Found:
    """Tasks by what names each of them, and those that cannot be used, with the reason."""

    tasks: Mapping[str, Task]
    unusable: Mapping[str, str]


def load_all(
    spec: str,
    start: Start = "canonical",
    device: str = "",
    shrink: bool | None = None,
    sandbox: Sandbox | Choice | None = None,
    following: Callable[[int], None] = lambda problems: None,
) -> Found:
    """The tasks named by `spec`; of one task, that one. Raises InputError where there is none.

    `device`, `shrink` and `sandbox` are of `load`. `following` is told of how many problems before
    they are followed to see which have to shrink.
    """
    path = Path(spec)
    known = spec in catalogue.bundled()
    one_by_one = partial(load, start=start, device=device, shrink=shrink, sandbox=sandbox)
    if not known and spec.startswith(problems.PREFIX):
        from kernelgepa.measured.demands import Follower  # noqa: PLC0415

        found = problems.find(spec)
        with Follower(sandbox, lambda: following(len(found.problems))) as follower:
            makers = _problems(spec, found, start, device, shrink, follower)
            return _usable(spec, makers, found.unusable)
    if known or not spec or "#" in spec or not (path.suffix == ".jsonl" or _holds_tasks(path)):
        return Found({spec: one_by_one(spec)}, {})
    return _usable(spec, _each(path, one_by_one), {})


Makers = Iterator[tuple[str, Callable[[], Task]]]


def _usable(spec: str, makers: Makers, unread: Mapping[str, str]) -> Found:
    tasks: dict[str, Task] = {}
    unusable = dict(unread)
    names = set[str]()
    for one, make in makers:
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
        if len(unusable) == 1:
            raise InputError(next(iter(unusable.values())))
        if unusable:
            raise InputError(f"{spec} holds no usable task: {next(iter(unusable.values()))}")
        hint = f"; a checkout of KernelBench is {problems.PREFIX}{spec}"
        raise InputError(
            f"{spec} holds no task: expected task.toml in it, folders with a task.toml each, C++ "
            f"files, or records{hint if problems.levels(Path(spec)) else ''}"
        )
    return Found(tasks, unusable)


def _holds_tasks(path: Path) -> bool:
    return path.is_dir() and not (path / "task.toml").exists()


def _problems(
    spec: str,
    found: problems.Found,
    start: Start,
    device: str,
    shrink: bool | None,
    follower: Follower,
) -> Makers:
    """Problems of a KernelBench checkout, each by a name of its own."""
    from kernelgepa.tasks import modules  # noqa: PLC0415

    where, smaller = chosen(device, shrink)

    def make(one: problems.Problem) -> Task:
        made = modules.of_problem(one, where, follower if smaller else None)
        return started(made, start, one.label)

    return ((modules.spec_of(spec, p), partial(make, p)) for p in found.problems)


def _each(path: Path, make: Callable[[str], Task]) -> Makers:
    if path.suffix == ".jsonl":
        from kernelgepa.tasks import npueval  # noqa: PLC0415

        for record, one_record in npueval.each(path):
            yield f"{path}#{record}", one_record
        return
    inside = [*path.glob("*/task.toml"), *path.glob("*/*/task.toml")]
    sources = [p for p in path.iterdir() if p.suffix in catalogue.SOURCES]
    for one in sorted({*(p.parent for p in inside), *sources}):
        yield str(one), partial(make, str(one))
