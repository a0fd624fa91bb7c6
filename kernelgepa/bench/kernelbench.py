"""A bench of KernelBench's problems: which, one after the other, and their result files.

    plan = kernelbench.plan(asked)
    kernelbench.run(plan, board, sandbox)
    kernelbench.ended(plan)

What has been judged is in eval_results.json of its level's run directory, and is not judged again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from kernelgepa import proposers, tasks
from kernelgepa.bench import devices, folder
from kernelgepa.bench.board import Board
from kernelgepa.bench.judging import Bench
from kernelgepa.bench.samples import Facts, of_search, of_verdict, refused, unconfirmed
from kernelgepa.bench.search import Refused, device_of, search
from kernelgepa.errors import InfrastructureError, InputError, ReferenceFault
from kernelgepa.kernelbench import files, ids, metrics, problems, results
from kernelgepa.kernelbench.metrics import Outcome
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.results import Sample
from kernelgepa.kernelbench.subset import select
from kernelgepa.measured.demands import Follower
from kernelgepa.protocols import Sandbox
from kernelgepa.runs.settings import Settings
from kernelgepa.sandbox import Choice
from kernelgepa.task import Task
from kernelgepa.tasks import modules


@dataclass(frozen=True)
class Asked:
    """What a user asked for. `subset` "" is representative; of existing kernels, all."""

    path: str
    name: str
    settings: Settings
    levels: str = ""
    subset: str = ""
    samples: int = 1
    device: str = ""
    runs: Path = Path("runs")
    kernels: Path | None = None  # existing kernels, judged without a search

    def request(self) -> dict[str, Any]:
        """What must be the same when the bench goes on."""
        chosen, limits = self.settings, self.settings.budget
        return {
            "bench": "kernelbench",
            "path": str(Path(self.path).absolute()),
            "levels": self.levels,
            "subset": self.subset,
            "samples": self.samples,
            "device": self.device,
            "kernels": str(self.kernels.absolute()) if self.kernels else "",
            "policy": chosen.policy,
            "seconds": chosen.seconds,
            "seed": chosen.seed,
            "proposer": chosen.proposer if self.kernels is None else "",
            "model": chosen.model.name if chosen.model else "",
            "budget": limits.candidates if self.kernels is None else None,
            "usd": limits.usd,
            "minutes": limits.minutes,
            "sizes": {None: None, True: "fitting", False: "shipped"}[chosen.shrink],
        }


@dataclass(frozen=True)
class Entry:
    """A problem of the bench: what names it, and its task, or why it is refused."""

    problem: Problem
    spec: str
    task: Task | None = None
    refused: str = ""

    @property
    def shrunk(self) -> str:
        """How, where it is smaller than it ships."""
        return self.task.module.shrunk if self.task else ""


@dataclass(frozen=True)
class Item:
    """One kernel to find or to judge. `kernel` is an existing one."""

    entry: Entry
    sample: int
    kernel: Path | None = None

    @property
    def label(self) -> str:
        own = self.entry.problem.label
        return f"{own} sample {self.sample}" if self.sample else own

    @property
    def folder(self) -> str:
        one = self.entry.problem
        return f"level_{one.level}_problem_{one.id}_sample_{self.sample}"


@dataclass(frozen=True)
class Plan:
    """What will be done, and what cannot be. `strays` are kernels without a problem."""

    asked: Asked
    devices: tuple[str, ...]
    entries: tuple[Entry, ...]
    items: tuple[Item, ...]
    unread: Mapping[str, str]
    strays: tuple[Path, ...] = ()
    of: int = 0  # problems the levels have
    place: Path = field(default=Path())

    def run_of(self, level: int) -> Path:
        """The run directory of a level, as KernelBench lays it out."""
        return results.directory(self.asked.runs, self.asked.name, level)

    @property
    def levels(self) -> list[int]:
        return sorted({e.problem.level for e in self.entries})


def plan(
    asked: Asked,
    sandbox: Sandbox | Choice | None = None,
    following: Callable[[int], None] = lambda problems: None,
) -> Plan:
    """Reads the problems and picks; makes nothing. What has to be tried for that is tried in
    `sandbox`; `following` is told of how many problems before that begins. Raises InputError."""
    asked.settings.check()
    if asked.kernels is None:
        proposers.ready(asked.settings)  # what is wrong with it is said before a folder is made
    place = folder.place(asked.runs, asked.name, asked.request())
    if not place.exists() and (others := sorted(asked.runs.glob(f"{asked.name}_level*"))):
        raise InputError(f"{others[0]} is there and is no part of a bench; choose another --run")
    used = devices.named(asked.device)
    given = results.kernels(asked.kernels) if asked.kernels else []
    if asked.kernels and not given:
        raise InputError(
            f"{asked.kernels} has no kernels; expected files such as "
            "level_1_problem_19_sample_0_kernel.py"
        )
    subset = asked.subset or ("all" if asked.kernels else "representative")
    able = {k.level for k in given} if asked.kernels else None
    picked, everything, unread = chosen(asked.path, asked.levels, subset, used[0], able)
    judged = {(k.level, k.problem_id) for k in given} if asked.kernels else None
    shrinking = tasks.chosen(used[0], asked.settings.shrink)[1]
    small = [p for p in picked if shrinking and (judged is None or (p.level, p.id) in judged)]
    with Follower(sandbox, lambda: following(len(small))) as follower:
        spec = f"{problems.PREFIX}{asked.path}"
        entries = tuple(_entry(spec, p, used[0], follower if p in small else None) for p in picked)
    _unchanged(asked, entries)
    known = {(e.problem.level, e.problem.id): e for e in entries}
    if asked.kernels:
        mine = [k for k in given if (k.level, k.problem_id) in known]
        items = [Item(known[k.level, k.problem_id], k.sample_id, k.path) for k in mine]
        there = {(p.level, p.id) for p in everything}
        of = {p.level for p in everything} if asked.levels else able or set()
        strays = [k.path for k in given if k.level in of and (k.level, k.problem_id) not in there]
    else:
        items = [Item(e, s) for s in range(asked.samples) for e in entries if not e.refused]
        strays = []
    return Plan(
        asked, tuple(used), entries, tuple(items), unread, tuple(strays), len(everything), place
    )


def chosen(
    path: str, levels: str, subset: str, device: str, able: Collection[int] | None = None
) -> tuple[list[Problem], list[Problem], Mapping[str, str]]:
    """The problems of a subset, all of the levels, and what of all cannot be read.

    `levels` "" is every one there is, of those in `able` where it is given. Raises InputError.
    """
    found = problems.find(f"{problems.PREFIX}{path}")
    there = {p.level for p in found.problems}
    wanted = set(ids.parse(levels, "--levels")) if levels else set(able or there)
    lacking = wanted - there
    if lacking and (levels or lacking == wanted):
        has = ids.text(tuple(there))
        raise InputError(f"{path} has no problem of level {min(lacking)}; it has those of {has}")
    everything = [p for p in found.problems if p.level in wanted]
    unread = found.unusable if subset == "all" else {}
    return select(everything, subset, device), everything, unread


def _unchanged(asked: Asked, entries: tuple[Entry, ...]) -> None:
    """Raises InputError where a problem was judged when its text was another."""
    for level in {e.problem.level for e in entries}:
        found = results.read(results.directory(asked.runs, asked.name, level))
        for one in (e.problem for e in entries if e.problem.level == level):
            for sample in found.get(one.id, ()):
                ours = sample.extra.get(results.OURS)
                then = ours.get("problem") if isinstance(ours, Mapping) else None
                if then not in (None, one.digest):
                    raise InputError(
                        f"{one.label} ({one.origin}) has changed since it was judged; choose "
                        "another --run"
                    )


def _entry(spec: str, problem: Problem, device: str, follower: Follower | None) -> Entry:
    own = modules.spec_of(spec, problem)
    try:
        return Entry(problem, own, modules.of_problem(problem, device, follower))
    except InputError as error:
        return Entry(problem, own, refused=str(error))


def run(made: Plan, board: Board, sandbox: Sandbox | None) -> None:
    """Everything that has not been judged yet.

    Raises InputError, and at the end InfrastructureError where a part of kernelgepa failed; what
    has been judged is kept.
    """
    with folder.held(made.place, made.asked.request()):
        keeper = _Keeper(made, board)
        keeper.refuse()
        todo = [i for i in made.items if not keeper.has(i)]
        board.begin(len(made.items), len(made.items) - len(todo))
        opened = _judging if made.asked.kernels else _searching
        try:
            devices.spread(
                made.devices, todo, partial(opened, keeper, sandbox),
                lambda item: device_of(made.place / item.folder),
            )  # fmt: skip
        except KeyboardInterrupt:
            keeper.quiet = True  # nothing is said of what ends with it
            raise
        for level in made.levels:
            numbers = [e.problem.id for e in made.entries if e.problem.level == level]
            results.complete(made.run_of(level), numbers)
        files.write(made.place / folder.RESULTS, plain(made))
    if keeper.broken:
        label, why = next(iter(keeper.broken.items()))
        raise InfrastructureError(
            f"{len(keeper.broken)} of {len(made.items)} were not judged, {label} first: {why}; the "
            "same command goes on with them"
        )


class _Keeper:
    """Writes results as they come, from any thread."""

    def __init__(self, made: Plan, board: Board) -> None:
        self.plan, self.board = made, board
        self.broken: dict[str, str] = {}
        self.quiet = False
        self._lock = threading.Lock()
        self._done = {n: results.judged(results.read(made.run_of(n))) for n in made.levels}

    def has(self, item: Item) -> bool:
        one = item.entry.problem
        done = (one.id, item.sample) in self._done[one.level]
        return done and (item.kernel is None or self._same(item, item.kernel))

    def _same(self, item: Item, kernel: Path) -> bool:
        """Whether an existing kernel is still what was judged, of which there is a copy."""
        one = item.entry.problem
        copy = results.kernel_path(self.plan.run_of(one.level), one.level, one.id, item.sample)
        try:
            return files.same_text(copy, kernel)
        except OSError:
            return not copy.exists()

    def facts(self, entry: Entry, device: str, run_folder: str = "") -> Facts:
        from kernelgepa.measured.machine import device_name  # noqa: PLC0415

        hardware = device_name(device).partition(": ")[2]
        return Facts(
            device, hardware, self.plan.asked.settings.policy, entry.problem.digest,
            entry.shrunk, run_folder,
        )  # fmt: skip

    def refuse(self) -> None:
        """Entries of the problems that cannot be taken."""
        for entry in self.plan.entries:
            if entry.refused and not self.has(Item(entry, 0)):
                facts = self.facts(entry, self.plan.devices[0])
                self._write(Item(entry, 0), refused(0, entry.refused, facts), "")

    def keep(self, item: Item, sample: Sample, text: str) -> None:
        """Kernel first: an entry without its kernel would never be mended."""
        self._write(item, sample, text)
        self.board.done(item.label, item.entry.problem.name, said(item.entry.problem, sample))

    def fail(self, item: Item, error: InfrastructureError) -> None:
        with self._lock:
            self.broken[item.label] = str(error)
        if not self.quiet:
            self.board.done(item.label, item.entry.problem.name, f"not judged: {error}")

    def _write(self, item: Item, sample: Sample, text: str) -> None:
        one = item.entry.problem
        place = self.plan.run_of(one.level)
        with self._lock:
            if text:
                results.write_kernel(place, one.level, one.id, item.sample, text)
            results.merge(place, {one.id: [sample]})


@contextmanager
def _searching(
    keeper: _Keeper, sandbox: Sandbox | None, device: str
) -> Iterator[Callable[[Item], None]]:
    asked, place = keeper.plan.asked, keeper.plan.place
    settings = asked.settings
    with Bench(settings.policy, device, settings.seconds, sandbox) as bench:

        def work(item: Item) -> None:
            facts = keeper.facts(item.entry, device, item.folder)
            keeper.board.start(item.label, item.entry.problem.name, device)
            try:
                found = search(
                    item.entry.spec, place / item.folder, _settings(settings, item.sample, device),
                    partial(keeper.board.step, item.label), sandbox,
                ).only  # fmt: skip
                kernel = unconfirmed(found)
                again = bench.again(found.task, kernel.candidate.source) if kernel else None
            except (Refused, ReferenceFault) as error:
                keeper.keep(item, refused(item.sample, str(error), facts), "")
            except InfrastructureError as error:
                keeper.fail(item, error)
            else:
                keeper.keep(item, *of_search(found, item.sample, facts, again))

        yield work


def _settings(given: Settings, sample: int, device: str) -> Settings:
    """Of one search. A further sample is another draw: a model is asked again."""
    again = given.cache and not (sample and given.model)
    return replace(given, device=device, seed=given.seed + sample, cache=again)


@contextmanager
def _judging(
    keeper: _Keeper, sandbox: Sandbox | None, device: str
) -> Iterator[Callable[[Item], None]]:
    """One judge for all kernels on a device."""
    settings = keeper.plan.asked.settings
    with Bench(settings.policy, device, settings.seconds, sandbox) as bench:

        def work(item: Item) -> None:
            facts = keeper.facts(item.entry, device)
            keeper.board.start(item.label, item.entry.problem.name, device)
            try:
                sample, text = _existing(bench, item, facts)
            except InfrastructureError as error:
                keeper.fail(item, error)
            else:
                keeper.keep(item, sample, text)

        yield work


def _existing(bench: Bench, item: Item, facts: Facts) -> tuple[Sample, str]:
    from kernelgepa.session import read_source  # noqa: PLC0415

    assert item.kernel is not None
    if item.entry.task is None:
        return refused(item.sample, item.entry.refused, facts), ""
    try:
        text = read_source(item.kernel)
        verdict, confirmed = bench.judge(item.entry.task, text)
    except InputError as error:
        return refused(item.sample, str(error), facts), ""
    return of_verdict(verdict, item.sample, facts, confirmed), text


def said(problem: Problem, sample: Sample) -> str:
    """What came of a kernel, in a few words."""
    ours: Any = sample.extra[results.OURS]
    one = metrics.paired(problem, [sample])
    labels = "".join(
        f", {word}" for word, there in (("degenerate", one.degenerate), ("shrunk", one.shrunk))
        if there
    )  # fmt: skip
    if not one.correct or one.speedup is None or one.interval is None:
        reason = ours.get("reason", "")
        return f"{one.failure}{': ' + reason if reason else ''}{labels}"
    low, high = one.interval
    word = "faster" if ours["win"] else "slower" if ours["loss"] else "inconclusive"
    return f"{one.speedup:.2f}x [{low:.2f}, {high:.2f}] measured, correct, {word}{labels}"


def outcomes(made: Plan, sample: int | None = None) -> list[Outcome]:
    """One a problem, from the result files: of one sample, or the best of all."""
    read = {n: results.read(made.run_of(n)) for n in made.levels}
    return [
        metrics.paired(
            e.problem,
            [
                s for s in read[e.problem.level].get(e.problem.id, ())
                if sample in (None, s.sample_id)
            ],
        )
        for e in made.entries
    ]  # fmt: skip


def plain(made: Plan) -> dict[str, Any]:
    """Our results: every problem with all that is known of its samples, and the score."""
    from kernelgepa.runs.machine import machine  # noqa: PLC0415

    read = {n: results.read(made.run_of(n)) for n in made.levels}
    return {
        **made.asked.request(),
        "devices": list(made.devices),
        "machine": dict(machine()),
        "problems": [
            {
                "level": e.problem.level, "problem_id": e.problem.id, "name": e.problem.name,
                "digest": e.problem.digest, "shrunk": e.shrunk, "refused": e.refused,
                "samples": [
                    s.as_read() for s in read[e.problem.level].get(e.problem.id, ())
                ],
            }
            for e in made.entries
        ],
        "unreadable": dict(made.unread),
        "score": metrics.plain(metrics.score(outcomes(made))),
    }  # fmt: skip
