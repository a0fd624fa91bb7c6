"""What a reference takes and returns, without computing it: shapes, types and strides."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.measured.contract import TensorSpec
from kernelgepa.protocols import Limits, Sandbox, WorkerOutcome, Workers
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.strict_json import loads

HANDLER = "kernelgepa.launch.fake:handle"
_LIMITS = Limits(wall_seconds=180.0, cpu_seconds=90.0, memory_bytes=8 << 30)
_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True)
class Shapes:
    """Of one text of a reference. `key` is what of the inputs decides the outputs.

    A tensor counts by its shape, a list by what is in it, a number or text by itself.
    """

    key: Any
    outputs: tuple[TensorSpec, ...]


class References:
    """Asks a worker, which is started when it is first needed. May be used from several threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._pool: Workers | None = None

    def shapes_of(self, codes: Sequence[str]) -> tuple[Shapes, ...]:
        """Of each text. Raises InputError where one cannot be told, InfrastructureError."""
        with self._lock:
            if self._pool is None:
                # torch needs the system's libraries
                system = tuple(p for p in map(Path, harness.SYSTEM) if p.exists())
                self._pool = self._sandbox.workers(
                    HANDLER, readable=system, limits=_LIMITS, answer_bytes=_ANSWER_BYTES
                )
            pool = self._pool
        return tuple(_asked(pool.submit(code.encode())) for code in codes)

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.close()


def _asked(outcome: WorkerOutcome) -> Shapes:
    if outcome.status != "ok":
        last = outcome.detail.strip().splitlines()[-1:] or [outcome.status]
        raise InputError(
            f"what the reference returns cannot be told without running it ({last[0][:200]}); "
            "give the outputs of the launch shape and dtype"
        )
    try:
        data: Any = loads(outcome.payload, max_bytes=_ANSWER_BYTES)
        specs = [
            TensorSpec(tuple(map(int, o["shape"])), str(o["dtype"]), tuple(map(int, o["strides"])))
            for o in data["outputs"]
        ]
        return Shapes(_hashable(data["key"]), tuple(specs))
    except (ValueError, KeyError, TypeError) as error:
        raise InfrastructureError(f"a worker gave an answer that is not valid: {error}") from error


def _hashable(given: Any) -> Any:
    return tuple(map(_hashable, given)) if isinstance(given, list) else given
