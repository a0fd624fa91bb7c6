"""Options that several commands have, and types whose errors say what was expected."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kernelgepa.engine.budget import Budget
    from kernelgepa.runs.settings import Model

F = TypeVar("F", bound=Callable[..., Any])


class WholeNumber(click.IntRange):
    """A whole number within bounds; the error names them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            least = "" if self.min is None else f" of at least {self.min}"
            most = "" if self.max is None else f" and at most {self.max}"
            found = textwrap.shorten(str(value), 40)
            self.fail(f"expected a whole number{least}{most}, found {found!r}", param, ctx)


class Number(click.FloatRange):
    """A finite number of at least `min`."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            found = float(super().convert(value, param, ctx))
        except click.BadParameter:
            found = math.nan
        if not math.isfinite(found):
            said = textwrap.shorten(str(value), 40)
            self.fail(f"expected a number of at least {self.min:g}, found {said!r}", param, ctx)
        return found


class OneOf(click.Choice[str]):
    """One of a few words; the error names them and the nearest."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        import difflib  # noqa: PLC0415

        if value not in self.choices:
            near = difflib.get_close_matches(str(value), self.choices, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.fail(f"expected {' or '.join(self.choices)}, found {value!r}{hint}", param, ctx)
        return str(value)


compat = click.option(
    "--compat",
    type=OneOf(["npueval"]),
    help="Judge with NPUEval's own tolerances (integers included) instead of strictly.",
)
start = click.option(
    "--start",
    type=OneOf(["canonical", "stub"]),
    default="canonical",
    show_default=True,
    help="Begin with the task's working kernel, or with its empty stub.",
)
secret_file = click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="Draw inputs from this file's bytes instead of a new random secret, to repeat a run.",
)
MOST_JOBS = 256
jobs = click.option(
    "--jobs", type=WholeNumber(1, MOST_JOBS), default=1, show_default=True,
    help="Steps worked on at once; decisions do not depend on it.",
)  # fmt: skip
no_cache = click.option(
    "--no-cache", is_flag=True, help="Judge, and ask a model, again what earlier runs have."
)
as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a step, the result last."
)


def _all(*made: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for option in reversed(made):
            function = option(function)
        return function

    return apply


budgets = _all(
    click.option(
        "--budget", type=WholeNumber(1),
        help="Most candidates judged beside the seeds [20; 10 a task where there are several].",
    ),
    click.option("--rollouts", type=WholeNumber(1), help="Most workloads judged."),
    click.option("--usd", type=Number(0), help="Most dollars spent on a model; never exceeded."),
    click.option("--minutes", type=Number(0), help="Most wall-clock time."),
)  # fmt: skip
model = _all(
    click.option("--model", default="", help="Language model, as litellm names it."),
    click.option("--api-base", default="", help="Address of a server that speaks its protocol."),
    click.option("--max-tokens", type=WholeNumber(1), help="Longest answer [16384]."),
    click.option("--temperature", type=Number(0), help="Of the model [its own]."),
    click.option("--price-in", type=Number(0), help="$ per million tokens read."),
    click.option("--price-out", type=Number(0), help="$ per million written."),
    click.option("--timeout", type=Number(1), help="Seconds a call may take [600]."),
)


def model_of(given: Mapping[str, Any]) -> Model | None:
    """Raises InputError where options of a model are given without one."""
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.runs.settings import Model  # noqa: PLC0415

    names = ("api_base", "max_tokens", "temperature", "price_in", "price_out", "timeout")
    chosen = {n: given[n] for n in names if given.get(n) not in (None, "")}
    if given.get("model"):
        return Model(given["model"], **chosen)
    if chosen:
        option = "--" + next(iter(chosen)).replace("_", "-")
        raise InputError(f"{option} is about a language model, and none is named; add --model")
    return None


def budget_of(given: Mapping[str, Any], tasks: int = 1) -> Budget:
    from kernelgepa.engine.budget import Budget  # noqa: PLC0415
    from kernelgepa.runs.settings import BUDGET, BUDGET_EACH  # noqa: PLC0415

    candidates = given["budget"] or (BUDGET if tasks == 1 else BUDGET_EACH * tasks)
    return Budget(candidates, given["rollouts"], given["usd"], given["minutes"])


def raised(budget: Budget, given: Mapping[str, Any]) -> Budget:
    """A run's budgets with those given in their stead."""
    names = {"budget": "candidates", "rollouts": "rollouts", "usd": "usd", "minutes": "minutes"}
    changed = {names[n]: given[n] for n in names if given[n] is not None}
    return replace(budget, **changed)
