"""kernelgepa demo: a first result with no key and no GPU."""

from __future__ import annotations

import click

TASKS = ("sat_add_i8", "rms_norm_bf16")
BUDGET = 8


@click.command()
def demo() -> int:
    """Optimise two bundled kernels with the playbook."""
    import time  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    out = show.console()
    begin = time.monotonic()
    good = True
    for name in TASKS:
        task = load(name)
        out.print(f"{name}: {task.description}", markup=False, soft_wrap=True)
        folder = session.new_folder(name)
        found = session.optimize(
            task, session.Settings(budget=BUDGET), folder, lambda done: show.step(out, done)
        )
        show.result(out, found, str(folder))
        out.print()
        good = good and found.confirmed
    out.print(f"done in {time.monotonic() - begin:.0f} s (measured)")
    return 0 if good else 1
