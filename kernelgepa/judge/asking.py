"""Which workloads a judge is asked about, and under which secret; the same for every judge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from kernelgepa.candidate import Candidate
from kernelgepa.judge.secret import Secret
from kernelgepa.task import Task, Workload
from kernelgepa.verdict import Verdict


class Asking(ABC):
    """The part of `kernelgepa.protocols.Judge` that chooses; `_judge` does the work."""

    def __init__(self, secret: Secret | None) -> None:
        self._secret = secret or Secret.new()

    def fingerprint(self) -> str:
        """A hash of the secret that inputs are drawn from; says nothing about it."""
        return self._secret.fingerprint()

    def judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[str] | None = None
    ) -> Verdict:
        """The verdict on the workloads named, by default all that are not hidden.

        Raises InfrastructureError.
        """
        if workloads is not None:
            shown = [w for w in task.workloads if w.name in workloads]
        else:
            shown = [w for w in task.workloads if "hidden" not in w.uses]
        return self._judge(task, candidate, shown or list(task.workloads), self._secret)

    def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
        """The verdict on all workloads, hidden ones too, on inputs drawn from a new secret."""
        return self._judge(task, candidate, list(task.workloads), Secret.new())

    def whole(self, task: Task, candidate: Candidate) -> Verdict:
        """The verdict on all workloads, hidden ones too, under this judge's own secret."""
        return self._judge(task, candidate, list(task.workloads), self._secret)

    @abstractmethod
    def _judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[Workload], secret: Secret
    ) -> Verdict: ...
