"""kernelgepa doctor: are all parts here, and what does the sandbox keep on this machine?"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.protocols import Sandbox
    from kernelgepa.sandbox.attacks import AttackResult
    from kernelgepa.sandbox.attacks.survey import Survey
    from kernelgepa.sandbox.wall import Wall


@click.command()
@click.option(
    "--attack",
    is_flag=True,
    help="Run every attack we know against every sandbox of this machine, about half a minute "
    "each; exit code 1 where a promise is broken. KERNELGEPA_SANDBOX may name one.",
)
@options.json_answer
def doctor(attack: bool, as_json: bool) -> int:
    """Check the parts kernelgepa needs. Exit code 0 where the main job can run, else 1."""
    return _attack(as_json) if attack else _parts(as_json)


def _parts(as_json: bool) -> int:
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


def _attack(as_json: bool) -> int:
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.sandbox.attacks import ATTACKS  # noqa: PLC0415
    from kernelgepa.sandbox.attacks.survey import survey  # noqa: PLC0415

    err = Screen(stderr=True)

    def progress(name: str, number: int, result: AttackResult) -> None:
        said = f"{result.state}  {result.seconds:.1f} s"
        err.line(f"{name} {number}/{len(ATTACKS)} {result.attack}: {said}")

    return report(survey(_sandboxes(), progress), as_json)


def report(found: Survey, as_json: bool) -> int:
    """Prints what came of the attacks. The exit code: 1 unless every promise was kept."""
    if as_json:
        print(json.dumps(_plain(found), indent=1))
    else:
        _show(found)
    return 0 if found.kept else 1


def _sandboxes() -> Mapping[str, Callable[[], Sandbox]]:
    """All kinds, or the one that the environment names. Raises InputError."""
    from functools import partial  # noqa: PLC0415

    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.sandbox import backends  # noqa: PLC0415
    from kernelgepa.sandbox.choose import VARIABLE  # noqa: PLC0415

    wanted, known = os.environ.get(VARIABLE) or "auto", backends()
    if wanted not in ("auto", *known):
        listed = ", ".join(["auto", *known])
        raise InputError(f"{VARIABLE} names no sandbox: {wanted!r}; there are {listed}")
    return {n: partial(_open, wall) for n, wall in known.items() if wanted in ("auto", n)}


def _open(wall: Callable[[], Wall]) -> Sandbox:
    from kernelgepa.sandbox.walled import WalledSandbox  # noqa: PLC0415

    return WalledSandbox(wall())


def _plain(found: Survey) -> dict[str, object]:
    names = ("attack", "promise", "tries", "state", "seconds", "detail")
    return {
        "ok": found.kept,
        "sandboxes": {
            sandbox: [{name: getattr(row, name) for name in names} for row in rows]
            for sandbox, rows in found.results.items()
        },
        "absent": dict(found.absent),
    }


def _show(found: Survey) -> None:
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415

    out = Screen()
    cells: dict[str, list[str]] = {}
    about: dict[str, tuple[str, str]] = {}
    for rows in found.results.values():
        for row in rows:
            about[row.attack] = (row.promise, row.tries)
            state = "BROKEN" if row.state == "broken" else row.state
            cells.setdefault(row.attack, []).append(state)
    if cells:
        out.table(
            ("attack", "promise", *found.results, "untrusted code tries to"),
            [(name, about[name][0], *states, about[name][1]) for name, states in cells.items()],
        )
        out.line()
    for sandbox, row in found.broken:
        out.line(f"BROKEN {sandbox}, {row.attack}: {row.detail}")
    for sandbox, why in found.absent.items():
        out.line(f"not tried: {sandbox}: {why}")
    out.line(_verdict(found))


def _verdict(found: Survey) -> str:
    tried = ", ".join(found.results)
    if not tried:
        return "no sandbox could be tried"
    if found.broken:
        return f"{len(found.broken)} promises are broken"
    open_ = [r for rows in found.results.values() for r in rows if r.state == "not promised"]
    if open_:
        return f"every promise was kept by {tried}; {len(open_)} attacks nobody promises to stop"
    return f"every attack was held by {tried}"
