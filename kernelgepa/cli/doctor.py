"""kernelgepa doctor: are all parts here, and what does the sandbox keep on this machine?"""

from __future__ import annotations

import click

from kernelgepa.cli import options


@click.command()
@options.as_json
def doctor(as_json: bool) -> int:
    """Check the parts kernelgepa needs. Exit code 0 where the main job can run, else 1."""
    import json  # noqa: PLC0415

    from kernelgepa import doctor as checks  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415

    found = checks.examine()
    fit = checks.fit(found)
    if as_json:
        rows = [
            {"part": f.part, "state": f.state, "detail": f.detail, "needed": f.needed}
            for f in found
        ]
        print(json.dumps({"ok": fit, "parts": rows}, indent=1))
        return 0 if fit else 1
    out = Screen()
    out.table(
        ("state", "part", "needed", "found"),
        [(f.state, f.part, "yes" if f.needed else "no", f.detail) for f in found],
    )
    out.line("everything the simulated NPU needs is here" if fit else "kernelgepa cannot work here")
    return 0 if fit else 1
