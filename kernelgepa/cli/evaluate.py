"""kernelgepa evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.sandbox import Choice
    from kernelgepa.verdict import Policy


@click.command()
@click.argument("task")
@click.argument("kernel", type=click.Path(path_type=Path), metavar="KERNEL.cc")
@options.compat
@options.secret_file
@options.sandbox
@options.as_json
def evaluate(
    task: str,
    kernel: Path,
    compat: str | None,
    secret_file: Path | None,
    choice: Choice,
    as_json: bool,
) -> int:
    """Judge KERNEL.cc on all workloads of TASK, on fresh inputs.

    Exit code 0 correct, 1 not correct, 2 bad input. With --json, `correct` is at the top level.

    \b
    kernelgepa evaluate relu_i8 runs/relu_i8-20250101-120000/best/kernel.cc
    kernelgepa evaluate records.jsonl#relu_int8 kernel.cc --compat npueval --json
    """
    import json  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    loaded = load(task)
    source = session.read_source(kernel)
    policy: Policy = "npueval" if compat else "strict"
    with options.opened(choice) as sandbox:
        found = session.evaluate(loaded, source, policy, secret_file, sandbox=sandbox)
    if as_json:
        print(json.dumps(found.to_json(), indent=1, sort_keys=True))
    else:
        show.verdict(Screen(), found, source)
    return 0 if found.correct else 1
