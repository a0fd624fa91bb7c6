"""Puts the one file together."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kernelgepa.report.plain import harmless, packed
from kernelgepa.report.summary import OUTCOMES, Summary, course, summary
from kernelgepa.report.task import scale, task_data

if TYPE_CHECKING:
    import jinja2

    from kernelgepa.runs.view import RunView
    from kernelgepa.verdict import Quantity

PAGE = Path(__file__).parent / "page"
# In this order: each uses what those before it define.
SCRIPTS = ("dom", "chart", "front", "tree", "source", "candidate", "task", "main")


def page(run: RunView) -> str:
    """The report of a run as one HTML document."""
    scales = {t.name: scale(t) for t in run.tasks.values()}
    shown = summary(run, scales)
    parts = [packed(task_data(run, t, scales[t.name])) for t in run.tasks.values()]
    several = len(parts) > 1
    whole = {
        "tasks": [t.name for t in run.tasks.values()],
        "outcomes": OUTCOMES,
        "course": course(run, scales) if several else [],
        "tag": _tag(shown),
    }
    style, script = _style(), _script()
    return _template().render(
        run=shown,
        several=several,
        parts=parts,
        whole=packed(whole),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _tag(shown: Summary) -> str:
    tags = {r.speed.tag for r in shown.rows if r.speed}
    return tags.pop() if len(tags) == 1 else "unverified"


@cache
def _template() -> jinja2.Template:
    import jinja2  # noqa: PLC0415
    import markupsafe  # noqa: PLC0415

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(PAGE)),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever is put in has been made visible, then is escaped.
        finalize=lambda v: v if isinstance(v, markupsafe.Markup) else harmless(v),
    )
    made.filters["number"] = number
    made.globals["Markup"] = markupsafe.Markup
    return made.get_template("report.html.j2")


def number(found: Quantity) -> str:
    """The value as people read it, without its unit."""
    value = found.value
    if found.unit == "×":
        return f"{value:,.2f}"
    if found.unit == "$":
        return f"{value:,.4f}"
    if found.unit == "%":
        return f"{value:,.1f}"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.3g}"


@cache
def _style() -> str:
    return (PAGE / "report.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    parts = ((PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _hash(text: str) -> str:
    """As a content security policy names the text of a script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
