"""kernelgepa evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.sandbox import Choice
    from kernelgepa.verdict import Policy


@click.command()
@click.argument("task")
@click.argument("kernel", type=options.PATH, metavar="KERNEL")
@options.compat
@options.device
@options.libraries
@options.sizes
@options.secret_file
@options.sandbox
@options.json_answer
def evaluate(
    task: str,
    kernel: Path,
    compat: Any,
    device: str,
    libraries: str,
    shrink: bool | None,
    secret_file: Path | None,
    choice: Choice,
    as_json: bool,
) -> int:
    """Judge KERNEL on all workloads of TASK, on fresh inputs.

    KERNEL is a file, or a directory with one file a component, as best/ of a run.

    Exit code 0 correct, 1 not correct, 2 bad input. With --json, `correct` is at the top level.

    \b
    kernelgepa evaluate relu_i8 runs/relu_i8-20250101-120000/best/kernel.cc
    kernelgepa evaluate records.jsonl#relu_int8 kernel.cc --compat npueval --json
    """
    import json  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.cli.progress import limits_of  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415
    from kernelgepa.tasks.seeding import suited  # noqa: PLC0415

    loaded = load(task, device=device, shrink=shrink, sandbox=choice)
    suited(kernel, loaded)
    components = session.read_components(kernel)
    policy: Policy = compat or "strict"
    with options.opened(choice) as sandbox:
        found = session.evaluate(
            loaded, components, policy, secret_file, sandbox=sandbox, device=device,
            vendor=libraries == "allowed",
        )  # fmt: skip
    if as_json:
        print(json.dumps(found.to_json(), indent=1, sort_keys=True))
    else:
        out = Screen()
        show.verdict(out, found, components["kernel"], loaded.target)
        if limit := limits_of(loaded.target, device):
            out.line(limit)
    return 0 if found.correct else 1
