"""Templates of prompts: those of the content folder `feedback`, or the user's in their stead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from kernelgepa.content import content
from kernelgepa.errors import InputError

SUFFIX = ".md.j2"
# What an expression of a template may raise beside jinja2's own errors.
_FAULTS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError)


class Templates:
    """Renders by name; a file of the same name in the user's folder wins. Raises InputError."""

    def __init__(self, folder: str = "") -> None:
        import jinja2  # noqa: PLC0415

        own = content("feedback")
        self._folder = Path(folder) if folder else None
        places = ([str(self._folder)] if self._folder else []) + [str(own)]
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(places),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # text for a language model, not HTML
        )
        if self._folder:
            _check_names(self._folder, own)

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Raises InputError, naming file and line, where a template cannot be used."""
        import jinja2  # noqa: PLC0415

        try:
            return self._environment.get_template(name).render(values)
        except jinja2.TemplateSyntaxError as error:
            raise InputError(
                f"template {error.filename or error.name}, line {error.lineno}: {error.message}"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise InputError(f"template {name}: it includes {error.name}, not found") from error
        except UnicodeDecodeError as error:
            raise InputError(f"template {name}: not UTF-8 text, byte {error.start}") from error
        except OSError as error:
            raise InputError(f"template {name}: {error.strerror}") from error
        except (jinja2.TemplateError, *_FAULTS) as error:
            place = _place(error.__traceback__) or f"template {name}"
            raise InputError(f"{place}: {error}; see feedback/README.md for what it may use") from (
                error
            )


def _check_names(folder: Path, own: Path) -> None:
    """Raises InputError for a template that stands in for nothing, or a folder without any."""
    known = sorted(p.name for p in own.glob(f"*{SUFFIX}"))
    try:
        found = sorted(p.name for p in folder.iterdir() if p.suffix == ".j2")
        used = _included(folder, found)
    except OSError as error:
        said = f"{error.filename}: {error.strerror}"
        raise InputError(f"--templates {said}; expected a folder of files to read") from error
    strange = [n for n in found if n not in known and not n.startswith("target-") and n not in used]
    if strange or not found:
        said = f"{strange[0]} stands in for no template" if strange else "no template (*.md.j2)"
        raise InputError(f"--templates {folder}: {said}; the names are {', '.join(known)}")


def _included(folder: Path, found: Sequence[str]) -> set[str]:
    """Names of the user's templates that another of them includes."""
    texts = {n: (folder / n).read_bytes() for n in found}
    return {n for n in found if any(n.encode() in t for other, t in texts.items() if other != n)}


def _place(trace: TracebackType | None) -> str:
    """File and line of the innermost template; jinja2 puts them into the traceback."""
    place = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            place = f"template {name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
