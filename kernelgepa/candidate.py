"""A candidate: named source texts, its parents, and an id that is the hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

KERNEL = "kernel"


@dataclass(frozen=True)
class Candidate:
    """What the loop evolves. `components` maps a component's name to its text."""

    components: Mapping[str, str]
    parents: tuple[str, ...] = ()
    origin: str = "seed"  # proposer and rule that made it
    note: str = ""  # the proposer's reason, one sentence
    id: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for name in sorted(self.components):
            for part in (name, self.components[name]):
                raw = part.encode()
                digest.update(len(raw).to_bytes(8, "big"))
                digest.update(raw)
        object.__setattr__(self, "components", MappingProxyType(dict(self.components)))
        object.__setattr__(self, "id", digest.hexdigest()[:16])

    @staticmethod
    def kernel(
        source: str, parents: tuple[str, ...] = (), origin: str = "seed", note: str = ""
    ) -> Candidate:
        """A candidate of one component, the kernel's source."""
        return Candidate({KERNEL: source}, parents, origin, note)

    @property
    def source(self) -> str:
        return self.components[KERNEL]
