"""kernelgepa manual: sections of the handbook, by name or by words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.docs_index import Section

PREFIX = "handbook:"


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--target", type=options.OneOf(["npu-sim", "torch", "cuda", "triton"]),
    help="Only sections about this target.",
)  # fmt: skip
@click.option(
    "--count", default=3, show_default=True, type=options.WholeNumber(1, 100), help="At most."
)
@options.json_answer
def manual(words: tuple[str, ...], target: str | None, count: int, as_json: bool) -> int:
    """Show sections of the handbook: a section's name, a function, a message, a symptom.

    Of a message first what to do about it. WORDS may be `-`: a tool's whole output is read from
    standard input. Without WORDS all sections are listed. Exit code 1 where nothing is found.

    \b
    kernelgepa manual aie::mul
    kernelgepa manual handbook:restrict
    kernelgepa manual "no member named 'reduce_sum' in namespace 'aie'"
    nvcc -cubin kernel.cu 2>&1 | kernelgepa manual -
    """
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.docs_index import sections  # noqa: PLC0415
    from kernelgepa.feedback.manual import rendered  # noqa: PLC0415

    out, told = Screen(), list[str]()
    if not words:
        shown = [s for s in sections() if target in (None, s.target)]
        if not as_json:
            out.table(
                ("section", "target", "title"),
                [(f"{PREFIX}{s.id}", s.target, s.title) for s in shown],
            )
            return 0
    else:
        text = sys.stdin.read() if words == ("-",) else " ".join(words)
        shown, told = _found(text, target or "", count)
    if as_json:
        print(json.dumps([asdict(s) for s in shown], indent=1))
    elif not shown and not told:
        out.line("nothing in the handbook; `kernelgepa manual` lists its sections")
    else:
        advice = "".join(f"- {hint}\n" for hint in told)
        out.line("\n".join([*([advice] if advice else []), *map(rendered, shown)]).rstrip())
    return 0 if shown or told else 1


def _found(text: str, target: str, count: int) -> tuple[list[Section], list[str]]:
    """Sections, and of a message what to do about it."""
    from kernelgepa.docs_index import of_words, search, sections  # noqa: PLC0415
    from kernelgepa.feedback.manual import answers  # noqa: PLC0415
    from kernelgepa.feedback.tables import hints, speaker  # noqa: PLC0415
    from kernelgepa.verdict import Diagnostic  # noqa: PLC0415

    name = text.removeprefix(PREFIX)
    named = [s for s in sections() if s.id == name and target in ("", s.target)]
    if named:
        return named, []
    if "'" in text or ": " in text or "\n" in text:
        note = Diagnostic(text)
        asked = target or speaker(text)
        return answers(note, asked, count), hints(note, asked) if asked else []
    return [hit.section for hit in search(of_words(text), target, count)], []
