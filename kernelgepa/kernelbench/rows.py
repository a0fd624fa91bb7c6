"""Rows of the KernelBench data set: JSONL, or parquet where pyarrow is installed.

Columns: code, level, name, problem_id (huggingface.co/datasets/ScalingIntelligence/KernelBench).
Others are ignored.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.errors import InputError

SUFFIXES = (".jsonl", ".parquet")
COLUMNS = ("code", "level", "name", "problem_id")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Row:
    """A row that can be used."""

    level: int
    id: int
    name: str
    code: str
    origin: str


@dataclass(frozen=True)
class Bad:
    """A row that cannot be used, and the sentence that says why."""

    origin: str
    reason: str


def files(folder: Path) -> list[Path]:
    """Files of rows in a folder, or in its folder data, where downloads of the set have them."""
    for place in (folder, folder / "data"):
        found = sorted(f for f in place.glob("*") if f.suffix in SUFFIXES and f.is_file())
        if found:
            return found
    return []


def read(file: Path) -> Iterator[Row | Bad]:
    """Every row of a file, in order. Raises InputError where the file as a whole is unusable."""
    raw = _parquet(file) if file.suffix == ".parquet" else _jsonl(file)
    for place, record in raw:
        origin = f"{file} {place}"
        if isinstance(record, str):
            yield Bad(origin, f"{origin}: {record}")
            continue
        if wrong := _wrong(record):
            yield Bad(origin, f"{origin}: {wrong}")
            continue
        yield Row(
            int(record["level"]),
            int(record["problem_id"]),
            str(record["name"]).removesuffix(".py"),
            str(record["code"]),
            origin,
        )


def _wrong(record: Mapping[str, object]) -> str:
    """What is wrong with a row; empty where it can be used."""
    for column in COLUMNS:
        if column not in record:
            return f"expected a row of the KernelBench data set, column {column!r} is missing"
    for column in ("level", "problem_id"):
        value = record[column]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1_000_000:
            return f"{column}: expected a whole number, found {value!r:.40}"
    for column in ("code", "name"):
        value = record[column]
        if not isinstance(value, str) or not value.strip():
            return f"{column}: expected a text, found {value!r:.40}"
        if _SURROGATE.search(value):
            return f"{column}: has half a character (a surrogate)"
    if not re.fullmatch(r"[^/\\\0-\x1f]{1,200}", str(record["name"])):
        return f"name: expected the name of a file, found {record['name']!r:.60}"
    return ""


def _jsonl(file: Path) -> Iterator[tuple[str, Any]]:
    """Place and record of every line; a str is why the line is no record."""
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text: bad byte at {error.start}") from error
    if not content.strip():
        raise InputError(f"{file} is empty")
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield f"line {number}", "expected a JSON object, found text that is not JSON"
        else:
            odd = "expected an object with code, level, name and problem_id"
            yield f"line {number}", record if isinstance(record, dict) else odd


def _parquet(file: Path) -> Iterator[tuple[str, Any]]:
    try:
        parquet: Any = importlib.import_module("pyarrow.parquet")
        broken: Any = importlib.import_module("pyarrow").ArrowException
    except ImportError as error:
        raise InputError(
            f"{file}: reading parquet needs pyarrow, which is not installed; run `pip install "
            "pyarrow`, or give the rows as JSONL"
        ) from error
    try:
        table = parquet.read_table(file)
        missing = [c for c in COLUMNS if c not in table.column_names]
        records = [] if missing else table.select(list(COLUMNS)).to_pylist()
    except (OSError, broken) as error:
        raise InputError(
            f"{file} cannot be read as parquet: {str(error).splitlines()[0]}"
        ) from error
    if missing:
        raise InputError(
            f"{file}: expected rows of the KernelBench data set, column {missing[0]!r} is missing"
        )
    for number, record in enumerate(records, 1):
        yield f"row {number}", record
