"""The playbook: a proposer that needs no key. Rules an engineer would try first, in that order."""

from __future__ import annotations

from collections.abc import Sequence

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.protocols import Attempt, Proposal
from kernelgepa.task import Task


class Playbook:
    """Proposes the first rewrite of the parent that has not been tried. Deterministic."""

    name = "playbook"

    def propose(
        self, task: Task, parent: Attempt, feedback: str, history: Sequence[Attempt]
    ) -> Proposal:
        """A child, or none where every rule has been tried on this parent."""
        from kernelgepa.playbook.rules import rewrites  # noqa: PLC0415

        tried = {a.candidate.id for a in history}
        for made in rewrites(parent.candidate.source, task.interface):
            components = {**parent.candidate.components, KERNEL: made.source}
            if Candidate(components).id not in tried:
                return Proposal(components, f"{self.name}/{made.rule}", made.note)
        return Proposal(None, self.name, "no rule applies that has not been tried")
