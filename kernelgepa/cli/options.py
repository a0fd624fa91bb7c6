"""Options that several commands have, and types whose errors say what was expected."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click


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
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
MOST_JOBS = 256
