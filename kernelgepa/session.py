"""Puts the parts together: tasks, target, judge, evaluator, feedback, proposer, journal, loop."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kernelgepa import __version__, proposers
from kernelgepa.cache import VerdictCache
from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.engine.journal import Journal
from kernelgepa.engine.loop import run
from kernelgepa.engine.record import Record
from kernelgepa.engine.result import Result, Step, Watcher
from kernelgepa.engine.select import Rules
from kernelgepa.engine.steps import Parts
from kernelgepa.errors import InputError, OtherVersions
from kernelgepa.feedback import KernelFeedback
from kernelgepa.judge.secret import Secret
from kernelgepa.judges import TARGETS, Options, alike, judge_of, judgeable
from kernelgepa.protocols import Judge, Proposer, Sandbox, Target
from kernelgepa.report import write as write_report
from kernelgepa.runs import start as starts
from kernelgepa.runs.folder import Files, run_folder
from kernelgepa.runs.machine import machine
from kernelgepa.runs.settings import Settings
from kernelgepa.runs.view import view
from kernelgepa.sandbox import Choice
from kernelgepa.task import Task
from kernelgepa.tasks import halves, load
from kernelgepa.tasks.many import load_all
from kernelgepa.tasks.seeding import seeded, suited
from kernelgepa.verdict import Policy, Verdict

__all__ = [
    "Settings",
    "evaluate",
    "go_on",
    "optimize",
    "plan",
    "read_source",
]

SOURCE_BYTES = 1 << 20  # most of a kernel's text that is read


@dataclass(frozen=True)
class Plan:
    """What a run will work on. `tasks` by what the user named each by; "" for an object."""

    name: str
    tasks: Sequence[tuple[str, Task]]
    unusable: Mapping[str, str]


def plan(
    task: str | Path | Task | Sequence[Task],
    settings: Settings,
    sandbox: Sandbox | Choice | None = None,
    following: Callable[[int], None] = lambda problems: None,
) -> Plan:
    """Loads the tasks; what has to be tried for that, in `sandbox`, of which `following` is told
    before. Raises InputError where none can be used."""
    if isinstance(task, str | Path):
        found = load_all(
            str(task), settings.start, settings.device, settings.shrink, sandbox, following
        )
        tasks = list(found.tasks.items())
        name = tasks[0][1].name if len(tasks) == 1 else Path(task).stem
        return _seeded(Plan(name, tasks, found.unusable), settings)
    given: list[Task] = [task] if isinstance(task, Task) else _listed(task)
    if not given:
        raise InputError("no task was given; expected at least one")
    for one in given:
        halves.of_task(one)
    alike(given)
    return _seeded(Plan(given[0].name, [("", t) for t in given], {}), settings)


def _listed(tasks: Sequence[Task]) -> list[Task]:
    """Raises InputError for what are no tasks; a caller's types need not be checked."""
    given: list[object] = list(tasks) if isinstance(tasks, Sequence) else [tasks]
    for one in given:
        if not isinstance(one, Task):
            raise InputError(
                "expected a task's name or path, Task objects, as kernelgepa.tasks.load makes of a "
                f"name, or a function, found {type(one).__name__} {reprlib.repr(one)}"
            )
    return list(tasks)


def begun_from(planned: Plan, kernel: Path, settings: Settings) -> tuple[Plan, Settings]:
    """The same, the one task begun from the kernel in a file. Raises InputError."""
    suited(kernel, planned.tasks[0][1])
    chosen = replace(settings, seed_kernel=read_source(kernel))
    return _seeded(planned, chosen, str(kernel)), chosen


def _seeded(planned: Plan, settings: Settings, origin: str = "the seed") -> Plan:
    for _, one in planned.tasks:
        judgeable(one.name, one.target, settings.policy, settings.device)
    if not settings.seed_kernel:
        return planned
    if len(planned.tasks) > 1:
        raise InputError(f"{origin} goes with one task, and {len(planned.tasks)} are named")
    ((spec, task),) = planned.tasks
    halves.whole(origin, settings.seed_kernel)
    made = seeded(task, settings.seed_kernel, settings.start, origin)
    return replace(planned, tasks=[(spec, made)])


def _on(planned: Plan, target: Target | None) -> Plan:
    """The same tasks, on the target given."""
    if target is None:
        return planned
    tasks = [(spec, replace(t, target=target.name)) for spec, t in planned.tasks]
    return replace(planned, tasks=tasks)


def optimize(
    task: str | Task | Sequence[Task] | Plan,
    settings: Settings | None = None,
    out: Path | None = None,
    watch: Watcher = lambda step: None,
    proposer: Proposer | None = None,
    secret_file: Path | None = None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
) -> Result:
    """Optimises tasks and leaves journal, candidates and the best kernels in `out`.

    `out` is by default runs/NAME-DATE, made new. `target` stands in for the one the tasks name;
    `sandbox` is where candidates are compiled and run, by default that of `open_sandbox`.
    Raises InputError and InfrastructureError.
    """
    chosen = settings or Settings()
    if proposer is not None:
        chosen = replace(chosen, proposer=proposer.name)
    chosen.check()
    maker = proposer or proposers.ready(chosen)
    planned = _on(task if isinstance(task, Plan) else plan(task, chosen, sandbox), target)
    secret = secret_of(secret_file)
    with (
        run_folder(planned.name, out) as folder,
        _parts(planned, chosen, folder, maker, secret, None, target, sandbox) as made,
    ):
        start = starts.Start(
            __version__,
            chosen,
            made.rules,
            tuple(
                starts.Planned(t.name, _absolute(spec), t.digest, t.target)
                for spec, t in planned.tasks
            ),
            made.versions,
            secret.fingerprint(),
            planned.unusable,
            {**machine(), **({"sandbox": sandbox.name} if sandbox else {})},
        )
        starts.begin(made.journal, start, secret)
        return _run(planned, made, maker, chosen, watch)


def go_on(
    folder: Path,
    change: Callable[[Settings], Settings] = lambda settings: settings,
    watch: Watcher = lambda step: None,
    proposer: Proposer | None = None,
    tasks: Sequence[Task] | None = None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
) -> Result:
    """Goes on with a run that was interrupted, or whose budget is raised by `change`.

    `proposer`, `tasks` and `target` are needed where the run was given objects. Raises InputError
    and InfrastructureError.
    """
    start = starts.started(folder)
    chosen = change(start.settings)
    chosen.check()
    maker = proposer or proposers.make(chosen)
    planned = _on(_planned(folder, start, chosen, tasks, sandbox), target)
    if target is None and (kept := start.tasks[0].target) not in TARGETS:
        raise InputError(f"run {folder}: target {kept} was given as an object; resume from Python")
    secret = Secret.kept(folder / starts.SECRET)
    with _parts(planned, chosen, folder, maker, secret, start.rules, target, sandbox) as made:
        changed = [k for k, v in made.versions.items() if start.versions.get(k) != v]
        if changed:
            raise OtherVersions(
                f"run {folder} was begun with other versions (not the same: "
                f"{', '.join(sorted(changed))}; kernelgepa was {start.kernelgepa}, is "
                f"{__version__}); its verdicts are not "
                "comparable with new ones: resume it with those versions or start a new run"
            )
        return _run(planned, made, maker, chosen, watch)


def _planned(
    folder: Path,
    start: starts.Start,
    settings: Settings,
    given: Sequence[Task] | None,
    sandbox: Sandbox | None,
) -> Plan:
    """The tasks of a run that has begun. Raises InputError where one has changed."""
    by_name = {t.name: t for t in given or ()}
    tasks = []
    for then in start.tasks:
        if then.name in by_name:
            task = by_name[then.name]
        elif then.spec:
            task = load(then.spec, settings.start, settings.device, settings.shrink, sandbox)
        else:
            raise InputError(
                f"run {folder}: task {then.name} was given as an object; resume it from Python"
            )
        if settings.seed_kernel:
            task = seeded(task, settings.seed_kernel)
        if task.digest != then.digest:
            raise InputError(
                f"run {folder}: task {then.name} ({then.spec}) has changed since the run began; "
                "start a new run"
            )
        tasks.append((then.spec, task))
    return Plan(start.tasks[0].name, tasks, start.unusable)


def _absolute(spec: str) -> str:
    """The spec such that it names the same from any directory."""
    path, mark, record = spec.partition("#")
    return str(Path(path).absolute()) + mark + record if path and Path(path).exists() else spec


@dataclass(frozen=True)
class _Made:
    """The parts of one run."""

    journal: Journal
    judge: Judge
    rules: Rules
    versions: Mapping[str, str]


@contextmanager
def _parts(
    planned: Plan,
    settings: Settings,
    folder: Path,
    proposer: Proposer,
    secret: Secret,
    rules: Rules | None,
    target: Target | None,
    sandbox: Sandbox | None,
) -> Iterator[_Made]:
    first = planned.tasks[0][1]
    options = Options(
        settings.policy, settings.device, settings.jobs, settings.seconds, settings.vendor,
        "quick" if proposer.name.startswith("playbook") else "full",  # which reads no feedback
    )  # fmt: skip
    with judge_of(first, options, secret, target, sandbox) as judge, Journal(folder) as journal:
        chosen = rules or settings.rules(len(planned.tasks), proposer.width, judge.ties)
        yield _Made(journal, judge, chosen, dict(judge.versions()))


def _run(
    planned: Plan, made: _Made, proposer: Proposer, settings: Settings, watch: Watcher
) -> Result:
    tasks = [t for _, t in planned.tasks]
    record = Record(made.journal, made.versions)
    # A verdict does not say how long was timed for it: others are not to find it.
    cache = VerdictCache() if settings.cache and settings.seconds is None else None
    evaluator = Evaluator(made.judge, cache, record.judged)
    for name, verdict in record.verdicts:
        evaluator.remember(next(t for t in tasks if t.name == name), verdict)
    files = Files(made.journal.directory, {t.name: t.target for t in tasks})

    def seen(step: Step) -> None:
        files.step(step)
        watch(step)

    seeds = [(t, seed_of(t, settings.start)) for t in tasks]
    parts = Parts(proposer, KernelFeedback(settings.templates), evaluator, record, made.rules)
    found = run(seeds, parts, settings.budget, made.journal.directory, settings.jobs, seen)
    result = replace(found, unusable={**planned.unusable, **found.unusable})
    files.end(result, settings)
    write_report(view(made.journal.directory))
    return result


def evaluate(
    task: str | Path | Task,
    source: str | Path | Mapping[str, str],
    policy: Policy = "strict",
    secret_file: str | Path | None = None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
    device: str = "",
    seconds: float | None = None,
    vendor: bool = True,
) -> Verdict:
    """The verdict on one kernel over all workloads of a task, hidden ones too; never cached.

    `source` is the kernel's text, the Path of its file, or all components by name. `target` stands
    in for the one the task names. Of a measured target: `device` is "cpu" or "cuda:0", by default
    the one there is; `seconds` bounds the timing of a workload; `vendor` says whether libraries may
    do the work. Raises InputError and InfrastructureError.
    """
    chosen_task = (
        task if isinstance(task, Task) else load(str(task), device=device, sandbox=sandbox)
    )
    halves.of_task(chosen_task)
    secret = secret_of(secret_file)
    named = read_components(source) if isinstance(source, Path) else _named(source)
    halves.of_components("the kernel", named)
    candidate = Candidate({**chosen_task.components, **named})
    options = Options(policy, device, 1, seconds, vendor)
    with judge_of(chosen_task, options, secret, target, sandbox) as judge:
        return judge.whole(chosen_task, candidate)


def _named(source: str | Mapping[str, str]) -> dict[str, str]:
    made = {KERNEL: source} if isinstance(source, str) else source
    if not isinstance(made, Mapping) or not isinstance(made.get(KERNEL), str):
        raise InputError(
            "expected a kernel's text, the Path of its file, or texts by name, one of them "
            f"{KERNEL!r}, found {type(source).__name__} {reprlib.repr(source)}"
        )
    return dict(made)


def secret_of(file: str | Path | None) -> Secret:
    """That of a file the user keeps, else a new one. Raises InputError."""
    return Secret.read(Path(file)) if file else Secret.new()


def seed_of(task: Task, start: str) -> Candidate:
    """What a run begins with. Raises KeyError where the task has no such start."""
    return Candidate({**task.components, KERNEL: task.seeds[start]})


def read_components(path: Path) -> dict[str, str]:
    """A kernel's file, or all components of a directory by the names of its files.

    Raises InputError.
    """
    if not path.is_dir():
        return {KERNEL: read_source(path)}
    suffixes = (".cc", ".cu", ".py", ".toml", ".txt")
    files = [p for p in sorted(path.iterdir()) if p.suffix in suffixes and p.is_file()]
    found = {p.stem: read_source(p) for p in files if p.name != "verdict.txt"}
    if KERNEL not in found:
        hint = f"; that of a run is in {path / 'best'}" if (path / "best").is_dir() else ""
        raise InputError(
            f"{path} has no kernel: expected kernel.cc, kernel.cu or kernel.py in it{hint}"
        )
    return found


def read_source(path: Path) -> str:
    """A kernel's text. Raises InputError."""
    wanted = "expected a source file"
    try:
        with path.open("rb") as file:
            raw = file.read(SOURCE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read the kernel {path}: {error.strerror}; {wanted}") from error
    if len(raw) > SOURCE_BYTES:
        raise InputError(f"the kernel {path} has more than {SOURCE_BYTES:,} bytes; {wanted}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the kernel {path} is not UTF-8 text (byte {error.start}); {wanted}"
        ) from error
    if "\0" in text or not text.strip():
        found = "holds a NUL byte" if "\0" in text else "is empty"
        raise InputError(f"the kernel {path} {found}; {wanted}")
    return text.replace("\r\n", "\n")
