"""kernelgepa redteam: candidates that cheat, and whether the judge tells them from honest ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.redteam.cases import RedCase
    from kernelgepa.redteam.scorecard import Result
    from kernelgepa.sandbox import Choice


@click.command()
@click.option(
    "--class",
    "kind",
    metavar="CLASS",
    help="Only this class of cheats, or the one case of that name, such as time/cache-pointer.",
)
@options.sandbox
@options.as_json
def redteam(kind: str | None, choice: Choice, as_json: bool) -> int:
    """Judge candidates that cheat, rewritten ones, and their honest twins.

    All of them take minutes. Exit code 0 where every cheat is rejected for a reason that was
    named beforehand and every twin is accepted as correct, else 1.

    \b
    kernelgepa redteam
    kernelgepa redteam --class "stale memory"
    """
    import importlib.util  # noqa: PLC0415

    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.redteam.cases import load, of_class  # noqa: PLC0415

    cases = load() if kind is None else of_class(load(), kind)
    if importlib.util.find_spec("torch") is None:
        raise InputError(
            "the red team needs torch, which is not installed: pip install 'kernelgepa[torch]'"
        )
    from kernelgepa.redteam.scorecard import Judges, run  # noqa: PLC0415

    err = Screen(stderr=True)

    def progress(result: Result) -> None:
        state = "as it must be" if result.good else "MISS"
        err.line(f"{result.case.name} {result.role}: {_outcome(result)}, {state}")

    with options.opened(choice) as sandbox, Judges(sandbox) as judges:
        results = run(cases, judges, progress=progress)
    if as_json:
        print(json.dumps(_plain(cases, results), indent=1))
    else:
        _show(cases, results)
    return 0 if all(r.good for r in results) else 1


def _outcome(result: Result) -> str:
    if result.accepted:
        return f"accepted, {result.speedup:.2f} times as fast"
    said = ", ".join(sorted(result.reasons))
    return f"correct ({said})" if result.correct else f"rejected ({said})"


def _plain(cases: Sequence[RedCase], results: Sequence[Result]) -> dict[str, object]:
    from dataclasses import asdict  # noqa: PLC0415

    from kernelgepa.redteam.cases import missing  # noqa: PLC0415
    from kernelgepa.redteam.scorecard import rows  # noqa: PLC0415

    return {
        "ok": all(r.good for r in results),
        "classes": [asdict(row) for row in rows(cases, results)],
        "results": [
            {
                "case": r.case.name, "class": r.case.kind, "role": r.role, "good": r.good,
                "correct": r.correct, "win": r.win, "reasons": sorted(r.reasons),
                "expected": sorted(r.case.reasons), "speedup": r.speedup, "detail": r.detail,
            }
            for r in results
        ],
        "not_run": {c.name: missing(c) for c in cases if missing(c)},
    }  # fmt: skip


def _show(cases: Sequence[RedCase], results: Sequence[Result]) -> None:
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.redteam.scorecard import rows  # noqa: PLC0415

    out = Screen()
    found = rows(cases, results)
    out.table(
        ("class", ">rejected", ">for the named reason", ">twins accepted", "not run here"),
        [
            (
                row.kind, f"{row.rejected}/{row.hostile}", f"{row.named}/{row.hostile}",
                f"{row.accepted}/{row.twins}", f"{row.absent}: {row.why}" if row.absent else "",
            )
            for row in found
        ],
    )  # fmt: skip
    out.line()
    for result in results:
        if not result.good:
            out.line(f"MISS {result.case.name} {result.role}: {_outcome(result)}. {result.detail}")
    hostile, twins = (sum(getattr(r, n) for r in found) for n in ("hostile", "twins"))
    out.line(
        f"{sum(r.rejected for r in found)} of {hostile} cheats rejected, each also in other words; "
        f"{sum(r.named for r in found)} for the named reason; "
        f"{sum(r.accepted for r in found)} of {twins} honest twins accepted; "
        f"{sum(r.absent for r in found)} of {len(cases)} cases not run here"
    )
