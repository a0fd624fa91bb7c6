"""JSON files that others read too: read whole, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from kernelgepa.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+ -]{0,120}", re.ASCII)


def plain_name(name: str, what: str) -> str:
    """The name, if it can be that of a file or folder. Raises InputError."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{what}: expected letters, digits, '.', '_', '+' or '-', found {name!r}")
    return name


def read(path: Path, what: str) -> dict[str, Any]:
    """The object in a JSON file, empty where there is no file. Raises InputError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path}: expected {what}, found text that is not JSON; it was left as it is"
        ) from error
    if not isinstance(found, dict):
        raise InputError(f"{path}: expected {what}, found no JSON object; it was left as it is")
    return found


def write(path: Path, value: object) -> None:
    """Replaces the file at once, so that a reader or a kill finds the old or the new one.

    NaN stays as Python writes it, since others' files may hold it. Raises InputError.
    """
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """As `write`, of a text."""
    raw = text.encode()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def same_text(one: Path, other: Path) -> bool:
    """Whether two files hold the same lines, however they end. Raises OSError."""
    first, second = (p.read_bytes().replace(b"\r\n", b"\n") for p in (one, other))
    return first == second
