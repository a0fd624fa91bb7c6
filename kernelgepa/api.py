"""kernelgepa from Python: `optimize`, `resume`, `evaluate`, `verify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kernelgepa import session
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.result import Result, Watcher
from kernelgepa.errors import InputError
from kernelgepa.protocols import Proposer, Sandbox, Target
from kernelgepa.runs.settings import BUDGET, BUDGET_EACH, Model, Settings
from kernelgepa.session import evaluate
from kernelgepa.task import Task
from kernelgepa.tasks import Start
from kernelgepa.verdict import Policy
from kernelgepa.verification import Verification, verify

__all__ = ["Result", "Verification", "evaluate", "optimize", "resume", "verify"]


def optimize(
    task: str | Path | Task | Sequence[Task] | Callable[..., Any],
    proposer: str | Proposer = "",
    budget: int | None = None,
    *,
    example_inputs: Sequence[Any] | None = None,
    init_inputs: Sequence[Any] = (),
    model: str | Model = "",
    rollouts: int | None = None,
    usd: float | None = None,
    minutes: float | None = None,
    out: str | Path | None = None,
    jobs: int = 1,
    seed: int = 0,
    start: Start = "canonical",
    seed_kernel: str | Path = "",
    policy: Policy = "strict",
    device: str = "",
    vendor: bool = True,
    shrink: bool | None = None,
    cache: bool = True,
    watch: Watcher = lambda step: None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
) -> Result:
    """Optimises a task, or several, and returns the correct, faster kernels found.

    >>> import kernelgepa
    >>> result = kernelgepa.optimize("relu_i8", budget=3)
    >>> result.confirmed
    True
    >>> "aie::max" in result.best.candidate.source
    True
    >>> result.speedup > 100  # modelled cycles of the seed / of the best
    True

    `task`: what the command line takes, Task objects, or a function of numpy arrays with
    `example_inputs`, one array for each argument: their types, shapes and ranges are kept, and the
    function is the reference; or a module of torch, its class or a function of tensors, with
    tensors as examples, and `init_inputs` for what the class is constructed with.

    `proposer`: "playbook" (the default), "llm" (the default with `model`), or an object with the
    methods of `kernelgepa.protocols.Proposer`. `budget`: most candidates judged beside the seeds,
    by default 20, or 10 a task. `rollouts`, `usd` and `minutes` are further limits. `out`: the
    run's directory, by default a new one below runs/. `jobs`: steps worked on at once; decisions
    depend on `seed` only. `watch` is told of every step. `target`: an object with the methods of
    `kernelgepa.protocols.Target`, instead of the one the task names. `sandbox`: where candidates
    are compiled and run, from `kernelgepa.sandbox.open_sandbox`. `device`: where kernels of a
    measured target are timed, "cpu" or "cuda:0". `vendor`: whether libraries may do their work.
    `shrink`: whether a problem too large for a CPU is made smaller, by default only on one.
    `seed_kernel`: the text of a kernel to begin with, or the Path of its file, instead of the
    task's own.

    Raises InputError for what cannot be used, and InfrastructureError where a part of kernelgepa
    fails; `resume` goes on from there.
    """
    named = proposer if isinstance(proposer, str) else _name(proposer)
    chosen = Settings(
        proposer=named or ("llm" if model else "playbook"),
        start=start,
        seed_kernel=seed_kernel if isinstance(seed_kernel, str) else "",
        policy=policy,
        device=device,
        vendor=vendor,
        shrink=shrink,
        seed=seed,
        model=Model(model) if isinstance(model, str) and model else model or None,
        jobs=jobs,
        cache=cache,
    )
    given = _of_function(task, example_inputs, start, init_inputs) if callable(task) else task
    if example_inputs is not None and not callable(task):
        raise InputError("example_inputs go with a function, and the task given is none")
    planned = session.plan(given, chosen, sandbox)
    if isinstance(seed_kernel, Path):
        planned, chosen = session.begun_from(planned, seed_kernel, chosen)
    count = len(planned.tasks)
    limit = budget if budget is not None else BUDGET if count == 1 else BUDGET_EACH * count
    return session.optimize(
        planned,
        replace(chosen, budget=Budget(limit, rollouts, usd, minutes)),
        Path(out) if out is not None else None,
        watch,
        None if isinstance(proposer, str) else proposer,
        target=target,
        sandbox=sandbox,
    )


def _name(proposer: Proposer) -> str:
    lacking = [
        n for n in ("name", "width", "crosses", "ceiling", "propose") if not hasattr(proposer, n)
    ]
    if lacking:
        raise InputError(
            f"a proposer is playbook, llm, or an object with the methods of "
            f"kernelgepa.protocols.Proposer; {type(proposer).__name__} has no {', '.join(lacking)}"
        )
    return proposer.name


def _of_function(
    function: Callable[..., Any], examples: Sequence[Any] | None, start: Start, init: Sequence[Any]
) -> Task:
    from kernelgepa.tasks import inmemory, new  # noqa: PLC0415

    if examples is None:
        raise InputError(
            "a function needs example_inputs: one numpy array, or tensor, for each argument"
        )
    if inmemory.of_torch(function, examples):
        return inmemory.in_memory(function, examples, init)
    task = new.in_memory(function, examples)
    if start not in task.seeds:
        raise InputError(f'{task.origin} has no {start!r} start; give start="stub" and a model')
    return task


def resume(
    run: str | Path,
    budget: int | None = None,
    *,
    rollouts: int | None = None,
    usd: float | None = None,
    minutes: float | None = None,
    jobs: int = 1,
    proposer: Proposer | None = None,
    tasks: Sequence[Task] | None = None,
    watch: Watcher = lambda step: None,
    target: Target | None = None,
    sandbox: Sandbox | None = None,
) -> Result:
    """Goes on with a run that was interrupted, or has ended and is given a higher budget.

    `proposer`, `tasks` and `target` are needed where the run was given objects. Raises as
    `optimize`.
    """

    def change(settings: Settings) -> Settings:
        old = settings.budget
        limits = Budget(
            old.candidates if budget is None else budget,
            old.rollouts if rollouts is None else rollouts,
            old.usd if usd is None else usd,
            old.minutes if minutes is None else minutes,
        )
        return replace(settings, budget=limits, jobs=jobs)

    return session.go_on(Path(run), change, watch, proposer, tasks, target, sandbox)
