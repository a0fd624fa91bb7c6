"""What the tests of the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RECORDS = Path(__file__).resolve().parent.parent / "data" / "records.jsonl"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str
