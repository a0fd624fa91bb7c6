"""Which tasks there are, and what a user's word for a task means. Loads no arrays."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kernelgepa.content import content
from kernelgepa.errors import InputError
from kernelgepa.kernelbench import problems
from kernelgepa.task import Shapes
from kernelgepa.tasks import schema

SOURCES = (".cc", ".cpp", ".cxx", ".c++", ".C")
MODULE = ".py"


@dataclass(frozen=True)
class TaskInfo:
    """What a list of tasks shows of one."""

    name: str
    category: str
    summary: str
    dtype: str  # "int8", or "int16 -> int32" where the output's type is another; "" if not told
    workloads: tuple[str, ...]
    shapes: Shapes
    path: Path
    target: str = "npu-sim"


@dataclass(frozen=True)
class Location:
    """Where a task is: a folder with task.toml, a C++ file, a record of a JSONL file, a Python
    file with a module, or a problem of a KernelBench checkout, where `record` is the whole word."""

    kind: Literal["folder", "cpp", "record", "module", "kernelbench"]
    path: Path
    record: str = ""


def list_tasks(target: str = "") -> list[TaskInfo]:
    """The bundled tasks, sorted by name; those of one target. Raises InputError where one is
    malformed."""
    found = [info(path) for path in bundled().values()]
    return sorted((i for i in found if target in ("", i.target)), key=lambda i: i.name)


def info(folder: Path) -> TaskInfo:
    """The summary of a task folder. Raises InputError."""
    layout = schema.read(folder)
    return TaskInfo(
        layout.name,
        layout.category,
        layout.summary,
        _dtype(layout) if isinstance(layout, schema.Layout) else _module_dtype(folder),
        tuple(w.name for w in layout.workloads),
        layout.shapes,
        folder,
        layout.target,
    )


def bundled() -> dict[str, Path]:
    """Folders of the bundled tasks by name."""
    return {p.parent.name: p.parent for p in sorted(content("tasks").glob("*/*/task.toml"))}


def locate(spec: str) -> Location:
    """What `spec` names; an existing bundled name wins over a path. Raises InputError."""
    known = bundled()
    if spec in known:
        return Location("folder", known[spec])
    if not spec.strip() or "\0" in spec:
        raise InputError("expected a task's name, a folder, a C++ file or FILE.jsonl#kernel_name")
    if spec.startswith(problems.PREFIX):
        return Location("kernelbench", problems.place(spec), spec)
    if "#" in spec:
        return _record(spec)
    path = Path(spec)
    if path.name == "task.toml" and path.is_file():
        return Location("folder", path.parent)
    if path.is_dir():
        return Location("folder", path)
    if path.suffix == ".jsonl":
        return _jsonl(path)
    if path.is_file():
        if path.suffix in SOURCES:
            return Location("cpp", path)
        if path.suffix == MODULE:
            return Location("module", path)
        hint = "a CUDA kernel is a task with a folder around it, else " * (path.suffix == ".cu")
        raise InputError(
            f"{spec} is not a task: {hint}expected a folder with task.toml, a C++ file "
            f"({', '.join(SOURCES[:3])}), FILE.jsonl#kernel_name, a Python file with Model and "
            "get_inputs, or kernelbench:PATH#L1/19"
        )
    if path.suffix in (*SOURCES, MODULE) or path.parent != Path():
        raise InputError(f"{spec} does not exist; `kernelgepa tasks list` shows the bundled tasks")
    raise InputError(f"unknown task {spec!r}; {_near(spec, list(known))}")


def _record(spec: str) -> Location:
    file, _, name = spec.partition("#")
    if not file or not name:
        raise InputError(f"{spec!r} is incomplete: expected FILE.jsonl#kernel_name")
    if not Path(file).is_file():
        raise InputError(f"{file} does not exist; expected a JSONL file of NPUEval records")
    return Location("record", Path(file), name)


def _jsonl(path: Path) -> Location:
    from kernelgepa.tasks import npueval  # noqa: PLC0415

    if not path.is_file():
        raise InputError(f"{path} does not exist; expected FILE.jsonl#kernel_name")
    names = npueval.names(path)
    raise InputError(
        f"{path} holds {len(names)} records: say which, as in {path}#{names[0]}",
    )


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 3, 0.5)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return "`kernelgepa tasks list` shows the bundled ones; a path needs a folder with task.toml"


def _dtype(layout: schema.Layout) -> str:
    first = next((p.dtype for p in layout.parameters if p.role == "in"), "")
    last = next(p.dtype for p in layout.parameters if p.role == "out")
    return last if first in ("", last) else f"{first} -> {last}"


def _module_dtype(folder: Path) -> str:
    """Types of the inputs, where they follow from the reference's text."""
    from kernelgepa.kernelbench.inspect import inspect  # noqa: PLC0415
    from kernelgepa.kernelbench.problems import Problem, digest  # noqa: PLC0415

    path = folder / "reference.py"
    code = schema.text_of(path) if path.is_file() else ""
    given = inspect(Problem(0, 0, folder.name, code, digest(code), str(path))).inputs or ()
    return ", ".join(dict.fromkeys(i.dtype for i in given if i.dtype))
