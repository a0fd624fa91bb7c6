"""The playbook: a proposer that needs no key. Rules an engineer would try first, in that order."""

from __future__ import annotations

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.protocols import Proposal, Request


class Playbook:
    """Proposes the first rewrite of the parent that has not been tried. Deterministic."""

    name = "playbook"
    width = 1
    crosses = False

    def ceiling(self, request: Request) -> float | None:
        """No model is called."""

    def propose(self, request: Request) -> Proposal:
        """A child, or none where every rule has been tried on this parent."""
        from kernelgepa.playbook.rules import rewrites  # noqa: PLC0415

        tried = {a.candidate.id for a in request.history}
        parent = request.parent.candidate
        for made in rewrites(parent.source, request.task.interface):
            components = {**parent.components, KERNEL: made.source}
            if Candidate(components).id not in tried:
                return Proposal(components, f"{self.name}/{made.rule}", made.note)
        return Proposal(None, self.name, "no rule applies that has not been tried", exhausted=True)
