"""kernelgepa demo: a first result with no key and no GPU."""

from __future__ import annotations

import click

TASKS = ("sat_add_i8", "rms_norm_bf16")
BUDGET = 8


@click.command()
def demo() -> int:
    """Optimise two bundled kernels with the playbook; needs no key and no GPU."""
    import time  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import progress  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.cli.show import program  # noqa: PLC0415
    from kernelgepa.engine.budget import Budget  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    out = Screen()
    settings = session.Settings(budget=Budget(BUDGET))
    begin = time.monotonic()
    good = True
    for name in TASKS:
        task = load(name)
        out.line(f"{out.bold(name)}: {task.description.splitlines()[0]}")
        shown = progress.Lines(out, False, name, progress.heading(task.target))
        found = session.optimize(task, settings, None, shown.step)
        shown.end(found, settings)
        out.line()
        good = good and found.confirmed
    seconds = time.monotonic() - begin
    out.line(f"done in {seconds:.0f} s (measured); next: {program()} --help")
    return 0 if good else 1
