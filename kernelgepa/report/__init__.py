"""report.html of a run: one file that shows it all, without network and without other files.

`write` makes it of a run's journal. The page's own code is in `page/`: a template, a style sheet
and scripts, put into the one file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernelgepa.runs.view import RunView

REPORT = "report.html"


def write(run: RunView, out: Path | None = None) -> Path:
    """Writes the report of a run, finished or not, to its directory or to the file `out`.

    Raises InputError where it cannot be written.
    """
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.report.page import page  # noqa: PLC0415

    place = out or run.directory / REPORT
    try:
        _put(page(run), place)
    except OSError as error:
        raise InputError(
            f"cannot write the report {place}: {error.strerror}; choose another file with --out"
        ) from error
    return place


def _put(text: str, place: Path) -> None:
    """Writes a file at once or not at all; into a device, a pipe or a link's end as they are."""
    if place.is_symlink() or (place.exists() and not place.is_file()):
        place.write_text(text, encoding="utf-8")  # a rename would put a file in its stead
        return
    half = place.with_name(f".{place.name}.part")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(place)
    finally:
        half.unlink(missing_ok=True)
