"""The playbook: a proposer that needs no key. Rules an engineer would try first, in that order."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.protocols import Proposal, Request
from kernelgepa.task import ModuleReference, Task

if TYPE_CHECKING:
    from kernelgepa.playbook.modules import ModuleRules
    from kernelgepa.playbook.rules import Facts, Rule


class Playbook:
    """Proposes the first rewrite of seed or parent that has not been tried. Deterministic.

    `rules` are further ones, tried before the playbook's own.
    """

    width = 1
    crosses = False

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        # A run made with further rules cannot be resumed without them.
        self.name = "playbook-with-rules" if rules else "playbook"
        self._rules = tuple(rules)
        self._modules: ModuleRules | None = None
        self._lock = threading.Lock()

    def ceiling(self, request: Request) -> float | None:
        """No model is called."""

    def propose(self, request: Request) -> Proposal:
        """A child, or none where every rule has been tried on this parent."""
        if isinstance(request.task.reference, ModuleReference):
            return self._of_modules().propose(request, self.name)
        from kernelgepa.playbook.hints import favoured  # noqa: PLC0415
        from kernelgepa.playbook.rules import reasons, rewrites  # noqa: PLC0415

        facts, parent = facts_of(request.task), request.parent.candidate
        seed = request.history[0].candidate.source if request.history else parent.source
        tried = {a.candidate.id for a in request.history}
        profiles = [w.profile for w in request.parent.verdict.workloads if w.profile is not None]
        for made in rewrites(seed, parent.source, facts, favoured(profiles), self._rules):
            components = {**parent.components, KERNEL: made.source}
            if Candidate(components).id not in tried:
                return Proposal(components, f"playbook/{made.rule}", made.note, made.citations)
        why = "; ".join(reasons(seed, facts))
        note = f"no rule applies that has not been tried{'; ' if why else ''}{why}"
        return Proposal(None, self.name, note, exhausted=True)

    def _of_modules(self) -> ModuleRules:
        from kernelgepa.playbook.modules import ModuleRules  # noqa: PLC0415

        with self._lock:
            if self._modules is None:
                self._modules = ModuleRules()
            return self._modules


def facts_of(task: Task) -> Facts:
    """What the rules may know of a task: buffers, and integers alike in all its workloads."""
    from kernelgepa.playbook.rules import Facts  # noqa: PLC0415

    buffers = frozenset(p.name for p in task.interface.parameters if p.role != "scalar")
    scalars = {}
    for parameter in task.interface.of_role("scalar"):
        values = {w.scalars.get(parameter.name) for w in task.workloads}
        value = next(iter(values))
        if len(values) == 1 and isinstance(value, int) and "int" in parameter.dtype:
            scalars[parameter.name] = value
    return Facts(task.interface.function, buffers, scalars)
