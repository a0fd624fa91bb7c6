"""An export: the best kernel, what changed, and a record by which it can be judged again.

DIR/kernel.cc (one file a component), DIR/kernel.diff (against the seed), DIR/task (what it was
judged by), DIR/record.json.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.kernelbench import problems
from kernelgepa.runs.folder import json_text, write
from kernelgepa.runs.view import Entry, RunView, TaskView
from kernelgepa.serial import to_plain

FORMAT = 1
RECORD, TASK = "record.json", "task"


def export(run: RunView, task: str, out: Path) -> Path:
    """Writes the best kernel of a task. Raises InputError where there is none, or nowhere to."""
    found = run.task(task)
    best = found.best
    if not best.attempt.verdict.correct:
        raise InputError(f"run {run.directory} has no correct kernel of {found.name} to export")
    begun = False
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise InputError(f"{out} is not empty; export to a new directory")
        begun = True
        _write(run, found, out)
    except OSError as error:
        if begun:  # a part of an export is none, and would be in the way of the next
            shutil.rmtree(out, ignore_errors=True)
        raise InputError(
            f"cannot write the export {out}: {error.strerror}; choose a new directory with --out"
        ) from error
    return out


def _write(run: RunView, task: TaskView, out: Path) -> None:
    target = next(t for t in run.start.tasks if t.name == task.name).target
    best, seed = task.best.attempt.candidate, task.seed.attempt.candidate
    files = write(out, best, target)
    (out / "kernel.diff").write_text(difference(seed, best), encoding="utf-8")
    spec = _task(run, task.name, out / TASK)
    record = {
        "format": FORMAT,
        "kernelgepa": run.start.kernelgepa,
        "task": {"name": task.name, "spec": spec, "digest": task.digest},
        "start": run.start.settings.start,
        "seed_kernel": run.start.settings.seed_kernel,
        "policy": run.start.settings.policy,
        "shrink": _shrink(run),
        "files": {p.name: _hash(p.read_bytes()) for p in files},
        "candidate": best.id,
        "seed": {"candidate": seed.id, "cost": _costs(task.seed)},
        "best": {"candidate": best.id, "cost": _costs(task.best)},
        "speedup": {"value": task.best.gain, "unit": "x", "tag": _tag(task.best)},
        "confirmed": task.confirmed.get(best.id, False),
        "steps": [_step(entry) for entry in task.line(task.best)],
        "versions": dict(run.start.versions),
    }
    (out / RECORD).write_text(json_text(record), encoding="utf-8")


def _shrink(run: RunView) -> bool:
    asked = run.start.settings.shrink
    return run.start.versions.get("device", "").startswith("cpu") if asked is None else asked


def difference(old: Candidate, new: Candidate) -> str:
    """A unified diff of all components."""
    parts: list[str] = []
    for name, text in new.components.items():
        before = old.components.get(name, "")
        parts += difflib.unified_diff(
            before.splitlines(keepends=True), text.splitlines(keepends=True),
            f"seed/{name}", f"best/{name}",
        )  # fmt: skip
    return "".join(line if line.endswith("\n") else line + "\n" for line in parts)


def _hash(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _costs(entry: Entry) -> dict[str, Any]:
    return {w.workload: to_plain(w.cost) for w in entry.attempt.verdict.workloads}


def _tag(entry: Entry) -> str:
    return next((w.cost.tag for w in entry.attempt.verdict.workloads if w.cost), "unverified")


def _step(entry: Entry) -> dict[str, Any]:
    candidate = entry.attempt.candidate
    return {
        "step": entry.step,
        "candidate": candidate.id,
        "origin": candidate.origin,
        "note": candidate.note,
        "citations": list(entry.proposal.citations) if entry.proposal else [],
        "speedup": entry.gain,
    }


def _task(run: RunView, name: str, place: Path) -> str:
    """Keeps what the task is defined by; what names it in the export. "" where it was an object."""
    spec = next(t.spec for t in run.start.tasks if t.name == name)
    if spec.startswith(problems.PREFIX):
        return _problem(spec, place)
    path, _, record = spec.partition("#")
    source = Path(path)
    if not spec or not source.exists():
        return spec
    if record:
        from kernelgepa.tasks import npueval  # noqa: PLC0415

        place.mkdir()
        (place / "task.jsonl").write_text(npueval.line(source, record), encoding="utf-8")
        return f"task/task.jsonl#{record}"
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
        return "task"
    place.mkdir()
    shutil.copy(source, place / source.name)
    return f"task/{source.name}"


def _problem(spec: str, place: Path) -> str:
    """Keeps a problem as a checkout has it, wherever it came from."""
    try:
        (one,) = problems.find(spec).problems
    except InputError:  # it is no longer there
        return spec
    file = place / f"level{one.level}" / one.file
    file.parent.mkdir(parents=True)
    file.write_bytes(one.code.encode())
    return f"{problems.PREFIX}{place.name}#{one.label}"


def _inside(directory: Path, spec: str) -> str:
    """What names the task from anywhere, of what names it in an export."""
    mark = problems.PREFIX if spec.startswith(problems.PREFIX) else ""
    own = spec.removeprefix(mark)
    path = Path(own.partition("#")[0])
    if own and (directory / path).exists():
        return f"{mark}{directory / own}"
    if path.parts[:1] == (TASK,):
        raise InputError(f"{directory} lacks {path}, which it was judged by; export it again")
    return spec


@dataclass(frozen=True)
class Exported:
    """An export read back."""

    directory: Path
    spec: str
    digest: str
    start: str
    seed_kernel: str  # "" for the task's own
    policy: str
    shrink: bool | None  # whether the task, too large for a CPU, was made smaller; None: no record
    candidate: Candidate
    costs: Mapping[str, Any]
    speedup: float
    versions: Mapping[str, str]


def read_export(directory: Path) -> Exported:
    """Raises InputError where it is none, or has been changed."""
    try:
        record = json.loads((directory / RECORD).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{directory} is not an export: expected a directory with {RECORD}, as `kernelgepa "
            f"export` makes, found {error.strerror}"
        ) from error
    except ValueError as error:
        raise InputError(f"{directory / RECORD} is damaged: it is no JSON text") from error
    try:
        if record["format"] > FORMAT:
            raise InputError(f"{directory} was exported by a newer version; upgrade kernelgepa")
        components = {}
        for name, wanted in record["files"].items():
            data = (directory / name).read_bytes()
            if _hash(data) != wanted:
                raise InputError(
                    f"{directory / name} has changed since it was exported: expected {wanted}, "
                    f"found {_hash(data)}; export it again, or judge it with `kernelgepa evaluate`"
                )
            components[Path(name).stem] = data.decode()
        return Exported(
            directory,
            _inside(directory, record["task"]["spec"]),
            record["task"]["digest"],
            record["start"],
            record.get("seed_kernel", ""),
            record["policy"],
            record.get("shrink"),
            Candidate(components),
            record["best"]["cost"],
            float(record["speedup"]["value"]),
            record["versions"],
        )
    except (AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        raise InputError(
            f"{directory / RECORD} is damaged ({type(error).__name__}: {error}); export it again"
        ) from error
