"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

compat = click.option(
    "--compat",
    type=click.Choice(["npueval"]),
    help="Judge with NPUEval's own tolerances (integers included) instead of strictly.",
)
start = click.option(
    "--start",
    type=click.Choice(["canonical", "stub"]),
    default="canonical",
    show_default=True,
    help="Begin with the task's working kernel, or with its empty stub.",
)
secret_file = click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="Draw inputs from this file's bytes instead of a new random secret, to repeat a run.",
)
