"""All attacks against every sandbox that this machine can start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox.attacks import ATTACKS, Attack, AttackResult, attack
from kernelgepa.sandbox.attacks.model import UNPROMISED

Progress = Callable[[str, int, AttackResult], None]


@dataclass(frozen=True)
class Survey:
    """Backend -> what came of each attack, or why it could not be tried."""

    results: Mapping[str, Sequence[AttackResult]] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> list[tuple[str, AttackResult]]:
        """(backend, attack) of every promise that was not kept."""
        return [(n, r) for n, rows in self.results.items() for r in rows if r.state == "broken"]

    @property
    def kept(self) -> bool:
        """Whether something was tried, and every promise kept."""
        return bool(self.results) and not self.broken


def survey(
    sandboxes: Mapping[str, Callable[[], Sandbox]],
    progress: Progress,
    attacks: Sequence[Attack] = ATTACKS,
) -> Survey:
    """Opens each sandbox, attacks it, closes it. One that promises nothing is left out."""
    results: dict[str, Sequence[AttackResult]] = {}
    absent: dict[str, str] = {}
    for name, make in sandboxes.items():
        if name in UNPROMISED:
            absent[name] = "promises nothing"
            continue
        sandbox = make()
        done: list[AttackResult] = []
        try:
            attack(sandbox, attacks, progress=_telling(name, done, progress))
            results[name] = done
        except InfrastructureError as error:
            absent[name] = str(error)
        finally:
            sandbox.close()
    return Survey(results, absent)


def _telling(
    name: str, done: list[AttackResult], progress: Progress
) -> Callable[[AttackResult], None]:
    def tell(result: AttackResult) -> None:
        done.append(result)
        progress(name, len(done), result)

    return tell
