"""Problems of a KernelBench checkout or of rows of its data set, found but never run.

A checkout holds `KernelBench/level{N}/{id}_{name}.py`; the data set's rows have the columns code,
level, name (without .py) and problem_id (github.com/ScalingIntelligence/KernelBench).
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import ids, rows

PREFIX = "kernelbench:"
FORM = "kernelbench:PATH, kernelbench:PATH#L1 or kernelbench:PATH#L1/19"
_LEVEL = re.compile(r"level_?([0-9]{1,4})", re.ASCII)
_FILE = re.compile(r"([0-9]{1,6})_.*\.py", re.ASCII)
_WHICH = re.compile(r"L([0-9]{1,4})(?:/(.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Problem:
    """One problem as it was found. (level, id) names it within its source."""

    level: int
    id: int
    name: str  # "19_relu", without .py
    code: str
    digest: str  # sha256 of the code, 16 hex digits
    origin: str  # file, or file and row, for messages

    @property
    def file(self) -> str:
        """The name of its file in a checkout, which is its key in baseline files."""
        own = self.name if self.name.startswith(f"{self.id}_") else f"{self.id}_{self.name}"
        return f"{own}.py"

    @property
    def label(self) -> str:
        return f"L{self.level}/{self.id}"


@dataclass(frozen=True)
class Found:
    """Problems in order of level and id, and what could not be read: origin -> reason."""

    problems: tuple[Problem, ...]
    unusable: Mapping[str, str]


def digest(code: str) -> str:
    """What tells two texts of a problem apart."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def find(spec: str) -> Found:
    """The problems that `spec` names. Raises InputError, one sentence.

    A problem asked for by number is read or the call fails; of a whole level or source, those that
    cannot be read are in `unusable`, and the call fails only where none is left.
    """
    path, level, numbers = _parse(spec)
    problems, unusable = _read(path)
    if not problems and not unusable:
        raise InputError(
            f"{path} holds no problem: expected KernelBench/level1/19_name.py and the like in it, "
            "or rows of the data set (.jsonl, .parquet)"
        )
    wanted = [
        p
        for p in sorted(problems, key=lambda p: (p.level, p.id))
        if level in (None, p.level) and (numbers is None or p.id in numbers)
    ]
    _once(wanted)
    for number in numbers or ():
        if all(p.id != number for p in wanted):
            raise InputError(_missing(path, level or 0, number, problems, unusable))
    if not wanted:
        raise InputError(_nothing(path, level, problems, unusable))
    return Found(tuple(wanted), {} if numbers else unusable)


def place(spec: str) -> Path:
    """The checkout or file of rows in `spec`. Raises InputError."""
    return _parse(spec)[0]


def _parse(spec: str) -> tuple[Path, int | None, tuple[int, ...] | None]:
    text = spec.removeprefix(PREFIX)
    place, mark, which = text.rpartition("#") if "#" in text else (text, "", "")
    if not place.strip() or "\0" in place:
        raise InputError(f"{spec!r} names no path: expected {FORM}")
    if mark and not (match := _WHICH.fullmatch(which)):
        if Path(text).exists():  # a path may hold a "#" of its own
            return Path(text), None, None
        raise InputError(f"{spec!r}: expected {FORM}, found {'#' + which!r}")
    path = Path(place)
    if not path.exists():
        raise InputError(
            f"{path} does not exist; expected a KernelBench checkout or rows of its data set "
            "(.jsonl, .parquet)"
        )
    if not mark or match is None:
        return path, None, None
    return path, int(match[1]), None if match[2] is None else ids.parse(match[2])


def _read(path: Path) -> tuple[list[Problem], dict[str, str]]:
    """Every problem under a path, and what cannot be read."""
    problems: list[Problem] = []
    unusable: dict[str, str] = {}
    if path.is_file() and path.suffix not in rows.SUFFIXES:
        one = _number(path)
        if one is None or (place := _LEVEL.fullmatch(path.absolute().parent.name)) is None:
            raise InputError(
                f"{path} is neither rows of the data set (.jsonl, .parquet) nor a problem: those "
                "are called like level1/19_name.py"
            )
        _file(path, int(place[1]), one, problems, unusable)
        return problems, unusable
    folders = levels(path)
    for level, folder in folders:
        for file in sorted(folder.glob("*.py")):
            if (number := _number(file)) is not None:
                _file(file, level, number, problems, unusable)
    if not folders:
        for file in [path] if path.is_file() else rows.files(path):
            _rows(file, problems, unusable)
    return problems, unusable


def levels(path: Path) -> list[tuple[int, Path]]:
    """Folders of levels: the path itself, in it, or in its folder KernelBench."""
    if not path.is_dir():
        return []
    if match := _LEVEL.fullmatch(path.absolute().name):
        return [(int(match[1]), path)]
    for above in (path / "KernelBench", path):
        inside = sorted(above.iterdir()) if above.is_dir() else []
        found = [(int(m[1]), p) for p in inside if (m := _LEVEL.fullmatch(p.name)) and p.is_dir()]
        if found:
            return found
    return []


def _number(file: Path) -> int | None:
    match = _FILE.fullmatch(file.name)
    return int(match[1]) if match else None


def _file(
    file: Path, level: int, number: int, problems: list[Problem], unusable: dict[str, str]
) -> None:
    try:
        code = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        unusable[str(file)] = f"cannot read {file}: {error.strerror}"
    except UnicodeDecodeError as error:
        unusable[str(file)] = f"{file} is not UTF-8 text: bad byte at {error.start}"
    else:
        problems.append(Problem(level, number, file.stem, code, digest(code), str(file)))


def _rows(file: Path, problems: list[Problem], unusable: dict[str, str]) -> None:
    for row in rows.read(file):
        if isinstance(row, rows.Bad):
            unusable[row.origin] = row.reason
        else:
            problems.append(
                Problem(row.level, row.id, row.name, row.code, digest(row.code), row.origin)
            )


def _once(problems: Sequence[Problem]) -> None:
    """Raises InputError where two problems have one name."""
    for one, other in pairwise(problems):
        if (one.level, one.id) == (other.level, other.id):
            raise InputError(
                f"{one.label} is there twice: {one.origin} and {other.origin}; remove one"
            )


def _missing(
    path: Path, level: int, number: int, problems: Sequence[Problem], unusable: Mapping[str, str]
) -> str:
    """Why a problem is not there: its file or row cannot be read, or what is near it."""
    label = f"L{level}/{number}"
    for origin, reason in unusable.items():
        place = Path(origin)
        match = _LEVEL.fullmatch(place.absolute().parent.name)
        if match and int(match[1]) == level and _number(place) == number:
            return reason
    here = [p for p in problems if p.level == level]
    if not here:
        return _nothing(path, level, problems, unusable)
    near = sorted(here, key=lambda p: (abs(p.id - number), p.id))[:2]
    alike = difflib.get_close_matches(str(number), [str(p.id) for p in here], 2, 0.5)
    near += [p for p in here if str(p.id) in alike and p not in near]
    names = ", ".join(f"{p.label} ({p.name})" for p in near)
    unread = f" and {len(unusable)} that cannot be read" if unusable else ""
    return (
        f"{path} has no problem {label} among {len(here)} of level {level}{unread}; near: {names}"
    )


def _nothing(
    path: Path, level: int | None, problems: Sequence[Problem], unusable: Mapping[str, str]
) -> str:
    known = ", ".join(str(n) for n in sorted({p.level for p in problems}))
    if known:
        return f"{path} has no problem of level {level}; it has those of level {known}"
    return f"{path} holds no usable problem: {next(iter(unusable.values()))}"
