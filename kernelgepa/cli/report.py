"""kernelgepa report: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from kernelgepa.cli import options


@click.command()
@click.argument("run", type=options.PATH)
@click.option("--out", type=options.PATH, help="The file [RUN/report.html].")
@click.option("--open", "show", is_flag=True, help="Open it in the browser.")
def report(run: Path, out: Path | None, show: bool) -> int:
    """Write the report of RUN, a run directory, as one HTML file that needs no network.

    The run may still be under way. `optimize`, `resume` and `demo` write it at their end.
    """
    from kernelgepa.report import write  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    made = write(view(run), out)
    click.echo(made)
    if show:
        import webbrowser  # noqa: PLC0415

        if not webbrowser.open(made.resolve().as_uri()):
            click.echo("no browser was found here; open the file in one", err=True)
    return 0
