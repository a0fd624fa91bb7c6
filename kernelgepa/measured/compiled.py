"""What candidates compile themselves, compiled once for all processes, workloads and verdicts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kernelgepa.measured.contract import Built
from kernelgepa.measured.seat import Failed, Seat
from kernelgepa.verdict import Stage

_FAILED = "Error building extension"  # as torch.utils.cpp_extension begins what it raises
_KEPT_BYTES = 256 << 20


class Compiled:
    """Libraries of the candidates seen last. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Built] = OrderedDict()

    def of(
        self, key: str, built: Built, seat: Callable[[], Seat], order: Mapping[str, Any]
    ) -> Built:
        """With the libraries in its payload, or as one that failed to compile.

        `key` is of the candidate and what it is constructed with. Where it fails for another reason
        it is as it was: the process that is judged will say so itself.
        """
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        place = seat()
        try:
            libraries = place.compiled(order)
            found = replace(built, payload={**built.payload, **libraries})
        except Failed as failure:
            if _FAILED not in failure.note.message:
                return built
            found = replace(
                built, failed=Stage.COMPILE, diagnostics=(*built.diagnostics, failure.note)
            )
        finally:
            place.close()
        with self._lock:
            self._known[key] = found
            while len(self._known) > 1 and self._bytes() > _KEPT_BYTES:
                self._known.popitem(last=False)
        return found

    def _bytes(self) -> int:
        return sum(len(data) for built in self._known.values() for data in built.payload.values())
