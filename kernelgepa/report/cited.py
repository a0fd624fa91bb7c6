"""Sections of manuals that a proposal goes back to, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def _handbook() -> Mapping[str, dict[str, str]]:
    """The sections of the handbook by the name they are cited by."""
    from kernelgepa.docs_index import sections  # noqa: PLC0415
    from kernelgepa.feedback.manual import citation  # noqa: PLC0415

    return {
        citation(s): {"title": s.title, "source": s.citation, "text": f"{s.signature}\n\n{s.text}"}
        for s in sections()
    }


def cited(name: str) -> dict[str, Any]:
    """A citation; with title, source and text where it is a section of the handbook."""
    return {"name": name, **_handbook().get(name, {})}
