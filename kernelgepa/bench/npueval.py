"""A bench of NPUEval records: a search a kernel on the simulated NPU, and NPUEval's result files.

NPUEval writes `KERNEL_wrapper.json` a kernel with result, stats, total_cycles, vector_cycles and
vector_score (github.com/AMDResearch/NPUEval). The last three are counted by hardware: they are
null here, and what the cycle model says is under "kernelgepa".
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from kernelgepa import proposers
from kernelgepa.bench import devices, folder
from kernelgepa.bench.board import Board
from kernelgepa.bench.samples import NO_PROPOSAL, failure, message
from kernelgepa.bench.search import Refused, search
from kernelgepa.engine.result import TaskResult
from kernelgepa.engine.score import geometric_mean
from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.kernelbench import files
from kernelgepa.protocols import Sandbox
from kernelgepa.runs.settings import Settings
from kernelgepa.task import Task
from kernelgepa.tasks import npueval
from kernelgepa.verdict import Verdict

RESULTS, SOLUTIONS = "results", "solutions"
_WHAT = "a result of NPUEval"


@dataclass(frozen=True)
class Asked:
    """What a user asked for. `kernels` holds KERNEL.cc files, judged without a search."""

    path: Path
    name: str
    settings: Settings
    runs: Path = Path("runs")
    kernels: Path | None = None

    def request(self) -> dict[str, Any]:
        """What must be the same when the bench goes on."""
        settings, limits, searched = self.settings, self.settings.budget, self.kernels is None
        return {
            "bench": "npueval",
            "path": str(self.path.absolute()),
            "records": hashlib.sha256(self.path.read_bytes()).hexdigest()[:16],
            "kernels": "" if self.kernels is None else str(self.kernels.absolute()),
            "start": settings.start,
            "policy": settings.policy,
            "seed": settings.seed,
            "proposer": settings.proposer if searched else "",
            "model": settings.model.name if settings.model else "",
            "budget": limits.candidates if searched else None,
            "usd": limits.usd,
            "minutes": limits.minutes,
        }


@dataclass(frozen=True)
class Entry:
    """A record, its task, and why it is refused."""

    name: str
    task: Task | None = None
    refused: str = ""


@dataclass(frozen=True)
class Plan:
    """What will be done."""

    asked: Asked
    entries: tuple[Entry, ...]
    place: Path
    workers: int = 1
    missing: tuple[str, ...] = field(default=())  # kernels that the folder of kernels lacks

    def result(self, name: str) -> Path:
        return self.place / RESULTS / f"{name}_wrapper.json"

    @property
    def todo(self) -> list[Entry]:
        return [e for e in self.entries if e.task is not None and e.name not in self.missing]


def plan(asked: Asked) -> Plan:
    """Reads the records; makes nothing. Raises InputError."""
    asked.settings.check()
    if asked.kernels is None:
        proposers.ready(asked.settings)  # what is wrong with it is said before a folder is made
    found = list(npueval.each(asked.path))
    place = folder.place(asked.runs, asked.name, asked.request())
    if not found:
        raise InputError(f"{asked.path} holds no record")
    entries = list[Entry]()
    for name, make in found:
        files.plain_name(name, f"{asked.path}: kernel_name")
        if any(e.name == name for e in entries):
            raise InputError(f"{asked.path} has two records named {name!r}; remove one")
        try:
            entries.append(Entry(name, make()))
        except InputError as error:
            entries.append(Entry(name, refused=str(error)))
    return Plan(asked, tuple(entries), place, asked.settings.jobs, _missing(asked, entries))


def _missing(asked: Asked, entries: Sequence[Entry]) -> tuple[str, ...]:
    if asked.kernels is None:
        return ()
    if not asked.kernels.is_dir():
        raise InputError(f"{asked.kernels} is no directory; expected one with KERNEL.cc files")
    made = tuple(e.name for e in entries if not (asked.kernels / f"{e.name}.cc").is_file())
    if len(made) == len(entries):
        raise InputError(
            f"{asked.kernels} has none of the kernels of {asked.path}; expected {made[0]}.cc and "
            "the like"
        )
    return made


def run(made: Plan, board: Board, sandbox: Sandbox | None) -> None:
    """Every kernel that has no result yet. Raises as `bench.kernelbench.run`."""
    with folder.held(made.place, made.asked.request()):
        keeper = _Keeper(made, board)
        for entry in made.entries:
            if entry.task is None:
                keeper.write(entry.name, plain_failure("refused", entry.refused))
            elif entry.name in made.missing:
                keeper.write(entry.name, plain_failure("missing", "there is no kernel"))
        todo = [e for e in made.todo if not _done(made, e.name)]
        board.begin(len(made.todo), len(made.todo) - len(todo))
        opened = _searching if made.asked.kernels is None else _judging
        slots = [f"worker {n + 1}" for n in range(max(1, min(made.workers, len(todo))))]
        try:
            devices.spread(slots, todo, partial(opened, keeper, sandbox))
        except KeyboardInterrupt:
            keeper.quiet = True  # nothing is said of what ends with it
            raise
        files.write(made.place / folder.RESULTS, plain(made))
    if keeper.broken:
        name, why = next(iter(keeper.broken.items()))
        raise InfrastructureError(
            f"{len(keeper.broken)} of {len(made.todo)} were not judged, {name} first: {why}; the "
            "same command goes on with them"
        )


def _done(made: Plan, name: str) -> bool:
    """Whether there is a result; of an existing kernel, whether that is still what was judged."""
    if not made.result(name).exists() or made.asked.kernels is None:
        return made.result(name).exists()
    try:
        copy = made.place / SOLUTIONS / f"{name}.cc"
        return files.same_text(copy, made.asked.kernels / f"{name}.cc")
    except OSError:
        return False


class _Keeper:
    """Writes results as they come, from any thread."""

    def __init__(self, made: Plan, board: Board) -> None:
        self.plan, self.board = made, board
        self.broken: dict[str, str] = {}
        self.quiet = False
        self._lock = threading.Lock()

    def write(self, name: str, result: Mapping[str, Any], text: str = "") -> None:
        """The kernel first: a result without its kernel would never be mended."""
        with self._lock:
            if text:
                files.write_text(self.plan.place / SOLUTIONS / f"{name}.cc", text)
            files.write(self.plan.result(name), result)

    def keep(self, name: str, result: Mapping[str, Any], text: str = "") -> None:
        self.write(name, result, text)
        self.board.done(name, "", said(result))

    def fail(self, name: str, error: InfrastructureError) -> None:
        with self._lock:
            self.broken[name] = str(error)
        if not self.quiet:
            self.board.done(name, "", f"not judged: {error}")


@contextmanager
def _searching(
    keeper: _Keeper, sandbox: Sandbox | None, slot: str
) -> Iterator[Callable[[Entry], None]]:
    asked, place = keeper.plan.asked, keeper.plan.place

    def work(entry: Entry) -> None:
        run_folder = place / "searches" / entry.name
        keeper.board.start(entry.name, "", slot)
        watch = partial(keeper.board.step, entry.name)
        spec = f"{asked.path}#{entry.name}"
        try:
            found = search(spec, run_folder, asked.settings, watch, sandbox)
        except Refused as error:
            keeper.keep(entry.name, plain_failure("refused", str(error)))
        except InfrastructureError as error:
            keeper.fail(entry.name, error)
        else:
            best = found.best if found.best.verdict.correct else None
            text = best.candidate.source if best else ""
            keeper.keep(entry.name, _of_search(found.only, f"searches/{entry.name}"), text)

    yield work


@contextmanager
def _judging(
    keeper: _Keeper, sandbox: Sandbox | None, slot: str
) -> Iterator[Callable[[Entry], None]]:
    from kernelgepa.bench.judging import Bench  # noqa: PLC0415
    from kernelgepa.session import read_source  # noqa: PLC0415

    kernels = keeper.plan.asked.kernels
    assert kernels is not None
    with Bench(keeper.plan.asked.settings.policy, "", None, sandbox) as bench:

        def work(entry: Entry) -> None:
            assert entry.task is not None
            keeper.board.start(entry.name, "", slot)
            try:
                text = read_source(kernels / f"{entry.name}.cc")
                verdict, confirmed = bench.judge(entry.task, text)
            except InputError as error:
                keeper.keep(entry.name, plain_failure("refused", str(error)))
            except InfrastructureError as error:
                keeper.fail(entry.name, error)
            else:
                keeper.keep(entry.name, plain_result(verdict, confirmed=confirmed), text)

        yield work


def _of_search(found: TaskResult, run_folder: str) -> dict[str, Any]:
    more: dict[str, Any] = {"confirmed": found.confirmed, "run": run_folder}
    best, seed = found.best, found.seed.candidate.id
    if best.verdict.correct:
        if found.speedup:
            more["speedup"] = {"value": found.speedup, "unit": "x", "tag": "modelled"}
        return plain_result(best.verdict, unchanged=best.candidate.id == seed, **more)
    tried = [a.verdict for a in found.attempts if a.candidate.id != seed]
    if not tried:
        failed = plain_failure(NO_PROPOSAL, "the search made no kernel beside the stub")
        return {**failed, "kernelgepa": {**failed["kernelgepa"], **more}}
    return plain_result(max(tried, key=lambda v: v.progress), **more)


def plain_result(verdict: Verdict, **more: Any) -> dict[str, Any]:
    """A result of theirs. A kernel passes that is correct, and is so once more."""
    profiles = [w.profile for w in verdict.workloads if w.profile]
    good = verdict.correct and bool(more.get("confirmed")) and bool(profiles)
    wrong = [m for w in verdict.workloads for m in w.mismatches]
    kind = "" if good else "unconfirmed" if verdict.correct else failure(verdict)
    ours = {"failure": kind, "policy": verdict.policy, "candidate": verdict.candidate, **more}
    if good:
        cycles, busy = (sum(getattr(p, n) for p in profiles) for n in ("cycles", "vector_cycles"))
        ours["modelled"] = {
            "cycles": cycles, "vector_cycles": busy, "vector_utilisation": busy / cycles,
        }  # fmt: skip
    made = _theirs(
        good,
        max((m.max_abs_error for m in wrong), default=None),
        max((m.max_rel_error for m in wrong), default=None),
    )
    error = {} if good else {"Error": message(verdict) or kind}
    return {**made, **error, "kernelgepa": ours}


def plain_failure(kind: str, reason: str) -> dict[str, Any]:
    """Of a record without a verdict."""
    made = {"Error": reason, "kernelgepa": {"failure": kind, "reason": reason}}
    return {**_theirs(False, None, None), **made}


def _theirs(good: bool, absolute: float | None, relative: float | None) -> dict[str, Any]:
    return {
        "result": "Pass" if good else "Fail",
        "stats": {"max_absolute_error": absolute, "max_relative_error": relative},
        "total_cycles": None, "vector_cycles": None, "vector_score": None,
    }  # fmt: skip


def said(result: Mapping[str, Any]) -> str:
    """What came of a kernel, in a few words."""
    ours = result["kernelgepa"]
    if result["result"] != "Pass":
        return f"Fail, {ours['failure']}: {result.get('Error', '')}"
    model, speedup = ours["modelled"], ours.get("speedup")
    gain = f", {speedup['value']:.2f}x" if speedup else ""
    return (
        f"Pass, {model['cycles']:,} cycles{gain}, {model['vector_utilisation']:.1%} vector "
        "utilisation (modelled)"
    )


def read(made: Plan) -> dict[str, dict[str, Any]]:
    """The results there are, by kernel. Raises InputError where one is damaged."""
    found = {}
    for entry in made.entries:
        path = made.result(entry.name)
        result = files.read(path, _WHAT)
        if result and not isinstance(result.get("kernelgepa"), dict):
            raise InputError(f"{path}: expected {_WHAT} with a key 'kernelgepa'; remove the file")
        if result:
            found[entry.name] = result
    return found


def score(made: Plan) -> dict[str, Any]:
    """The score: kernels that pass, and the mean over all kernels of modelled utilisation."""
    found = list(read(made).values())
    count = len(made.entries)
    good = [r["kernelgepa"] for r in found if r["result"] == "Pass"]
    used = sum(g["modelled"]["vector_utilisation"] for g in good)
    speedups = [g["speedup"]["value"] for g in good if "speedup" in g]
    kinds = [r["kernelgepa"]["failure"] for r in found if r["result"] != "Pass"]
    kinds += ["not judged"] * (count - len(found))
    return {
        "kernels": count,
        "pass": len(good),
        "unchanged": sum(bool(g.get("unchanged")) for g in good),
        "vector_utilisation": {"value": used / count, "unit": "share", "tag": "modelled"},
        "geometric_mean": (
            {"value": geometric_mean(speedups), "unit": "x", "tag": "modelled"}
            if speedups else None
        ),
        "failures": {k: kinds.count(k) for k in sorted(set(kinds), key=lambda k: -kinds.count(k))},
    }  # fmt: skip


def plain(made: Plan) -> dict[str, Any]:
    """Our results as one JSON object."""
    from kernelgepa.runs.machine import machine  # noqa: PLC0415

    return {
        **made.asked.request(), "machine": dict(machine()), "kernels": read(made),
        "score": score(made),
    }  # fmt: skip
