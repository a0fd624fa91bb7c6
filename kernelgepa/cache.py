"""Verdicts across runs, by content.

The key holds everything a verdict depends on: candidate, task, workloads, target and its versions,
and policy. The secret that inputs are drawn from is not part of it: inputs depend on the secret
and on the candidate's own text, so a verdict under another run's secret is evidence of the same
kind, and the winner of every run is judged once more under a new one. Failures of ours are never
kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from kernelgepa.home import cache_home
from kernelgepa.serial import from_plain, to_plain
from kernelgepa.verdict import Verdict


def default_directory() -> Path:
    """XDG_CACHE_HOME/kernelgepa/verdicts, else below ~/.cache."""
    return cache_home() / "verdicts"


def key(
    candidate: str, task: str, versions: Mapping[str, str], policy: str, workloads: Sequence[str]
) -> str:
    """Hash of everything a verdict depends on."""
    parts = [candidate, task, policy, *(f"{k}={v}" for k, v in sorted(versions.items()))]
    parts += [f"on {name}" for name in workloads]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class VerdictCache:
    """A directory of verdicts. A directory that cannot be written is as if there were no cache."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or default_directory()

    def _path(self, name: str) -> Path:
        return self._directory / name[:2] / f"{name}.json"

    def get(self, name: str) -> Verdict | None:
        try:
            data = json.loads(self._path(name).read_text(encoding="utf-8"))
            return from_plain(Verdict, data)
        except (OSError, ValueError, TypeError):
            return None

    def put(self, name: str, verdict: Verdict) -> None:
        path = self._path(name)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(to_plain(verdict)), encoding="utf-8")
            part.replace(path)
