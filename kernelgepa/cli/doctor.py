"""kernelgepa doctor: are all parts here, and what does the sandbox keep on this machine?"""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
def doctor(as_json: bool) -> int:
    """Check the parts kernelgepa needs. Exit code 0 where the main job can run, else 1."""
    import json  # noqa: PLC0415

    from kernelgepa import doctor as checks  # noqa: PLC0415

    found = checks.examine()
    if as_json:
        rows = [
            {"part": f.part, "state": f.state, "detail": f.detail, "needed": f.needed}
            for f in found
        ]
        print(json.dumps({"ok": checks.fit(found), "parts": rows}, indent=1))
    else:
        for f in found:
            click.echo(f"{f.state:8} {f.part}: {f.detail}")
    return 0 if checks.fit(found) else 1
