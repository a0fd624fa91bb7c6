"""Options that several commands have, and types whose errors say what was expected."""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from kernelgepa.engine.budget import Budget
    from kernelgepa.runs.settings import Model
    from kernelgepa.sandbox import Choice
    from kernelgepa.sandbox.walled import WalledSandbox

F = TypeVar("F", bound=Callable[..., Any])


class WholeNumber(click.IntRange):
    """A whole number within bounds; the error names them."""

    def _describe_range(self) -> str:  # click's own says x<=None where there is no bound
        return "" if self.min is None and self.max is None else super()._describe_range()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            least = "" if self.min is None else f" of at least {self.min}"
            most = "" if self.max is None else f" and at most {self.max}"
            found = textwrap.shorten(str(value), 40)
            self.fail(f"expected a whole number{least}{most}, found {found!r}", param, ctx)


class Number(click.FloatRange):
    """A finite number of at least `min`, or of more than that where `min_open`."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            found = float(super().convert(value, param, ctx))
        except click.BadParameter:
            found = math.nan
        if not math.isfinite(found):
            said = textwrap.shorten(str(value), 40)
            least = f"{'more than' if self.min_open else 'at least'} {self.min:g}"
            self.fail(f"expected a number of {least}, found {said!r}", param, ctx)
        return found


class PathName(click.Path):
    """A path; what reads or writes it says what is wrong there. An empty word names none."""

    def __init__(self) -> None:
        super().__init__(readable=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("expected a path, found an empty word", param, ctx)
        return super().convert(value, param, ctx)


PATH = PathName()
MORE_THAN_0 = Number(0, min_open=True)


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
    type=OneOf(["npueval", "kernelbench"]),
    help="Judge with NPUEval's or KernelBench's own tolerances instead of strictly.",
)
device = click.option(
    "--device", default="", metavar="NAME",
    help="Of a measured target: cuda:0, or cpu [cuda:0 where there is one].",
)  # fmt: skip
libraries = click.option(
    "--libraries", type=OneOf(["allowed", "refused"]), default="allowed", show_default=True,
    help="Whether torch's and vendors' libraries may do the work of a measured kernel.",
)  # fmt: skip
sizes = click.option(
    "--sizes", "shrink", type=OneOf(["fitting", "shipped"]),
    callback=lambda ctx, param, value: None if value is None else value == "fitting",
    help="Of a KernelBench problem too large for a CPU: smaller ones that fit it, or those it "
    "ships with [fitting on a CPU].",
)  # fmt: skip
start = click.option(
    "--start",
    type=OneOf(["canonical", "stub"]),
    default="canonical",
    show_default=True,
    help="Begin with the task's working kernel, or with its empty stub.",
)
secret_file = click.option(
    "--secret-file",
    type=PATH,
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
json_answer = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


def together(*made: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for option in reversed(made):
            function = option(function)
        return function

    return apply


MOST_CANDIDATES = "Most candidates judged beside the seeds"
_LIMITS = (
    click.option("--rollouts", type=WholeNumber(1), help="Most workloads judged."),
    click.option("--usd", type=MORE_THAN_0, help="Most dollars spent on a model; never exceeded."),
    click.option("--minutes", type=MORE_THAN_0, help="Most wall-clock time."),
)
budgets = together(
    click.option(
        "--budget", type=WholeNumber(1),
        help=f"{MOST_CANDIDATES} [20; 10 a task where there are several].",
    ),
    *_LIMITS,
)  # fmt: skip
raised_budgets = together(
    click.option("--budget", type=WholeNumber(1), help=f"{MOST_CANDIDATES} [as it began]."),
    *_LIMITS,
)
model = together(
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
    chosen |= {"usd": given["usd"]} if given.get("usd") else {}
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


@contextmanager
def going_on(how: Callable[[], str]) -> Iterator[None]:
    """Notes, where the user interrupts what is inside or we fail, how it goes on, if it does."""
    from kernelgepa.errors import InfrastructureError  # noqa: PLC0415

    try:
        yield
    except (KeyboardInterrupt, OSError, InfrastructureError) as ended:
        if said := how():
            ended.add_note(said)
        raise


_SANDBOX = together(
    click.option(
        "--sandbox",
        metavar="NAME",
        default="",
        help="Where candidates are compiled and run: docker, bwrap, landlock, or auto, the first "
        "of them that works. none: no protection at all. [KERNELGEPA_SANDBOX, else auto]",
    ),
    click.option("--image", help="Container image with its own tools, instead of this machine's."),
    click.option("--runtime", help="Container runtime, such as runsc."),
    click.option(
        "--require",
        default="",
        metavar="LIST",
        help="Guarantees without which nothing is run, such as net,fs,memory.",
    ),
)


def sandbox(function: F) -> F:
    """The options of a sandbox, given to the command as `choice`."""

    @functools.wraps(function)
    def chosen(
        *args: Any, sandbox: str, image: str | None, runtime: str | None, require: str, **more: Any
    ) -> Any:
        from kernelgepa.sandbox import Choice  # noqa: PLC0415

        wanted = tuple(word.strip() for word in require.split(",") if word.strip())
        return function(*args, choice=Choice(sandbox, image, runtime, wanted), **more)

    made: F = _SANDBOX(cast(F, chosen))
    return made


def following(problems: int) -> None:
    """Says why nothing is heard for a while."""
    many = f"{problems} problems" if problems > 1 else "the problem"
    click.echo(
        f"following {many} without values, to see what is too large for a CPU; what a problem "
        "takes is kept for the next time",
        err=True,
    )


@contextmanager
def opened(choice: Choice) -> Iterator[WalledSandbox]:
    """The sandbox chosen; says on standard error what was picked, and what it does not keep.

    Raises InputError where it cannot be had.
    """
    from kernelgepa.sandbox import open_sandbox  # noqa: PLC0415
    from kernelgepa.sandbox.choose import is_named  # noqa: PLC0415

    with open_sandbox(choice) as made:
        held = made.guarantees()
        if made.name == "none":
            click.echo(
                "NO SANDBOX: candidates run as you, with your files, your network and your keys",
                err=True,
            )
        elif not all(held.values()):
            click.echo(made.missing(), err=True)
        elif not is_named(choice):
            click.echo(f"sandbox: {made.name}; keeps (measured) {', '.join(held)}", err=True)
        yield made
