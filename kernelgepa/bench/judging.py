"""Judges kernels of several problems on one device, one after the other."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.engine.finish import holds
from kernelgepa.judges import Options, judge_of
from kernelgepa.protocols import Judge, Sandbox
from kernelgepa.task import Task
from kernelgepa.verdict import Policy, Verdict


class Bench:
    """A judge that is opened with the first task; all have its target."""

    def __init__(
        self, policy: Policy, device: str, seconds: float | None, sandbox: Sandbox | None
    ) -> None:
        self._options = Options(policy, device, 1, seconds, profile="none")
        self._sandbox = sandbox
        self._stack = ExitStack()
        self._judge: Judge | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def judge(self, task: Task, text: str) -> tuple[Verdict, bool]:
        """The verdict, and whether it is confirmed: a correct kernel is judged once more, by new
        processes under a new secret, and that verdict is the one.

        Raises InputError and InfrastructureError.
        """
        judge, candidate = self._opened(task), _candidate(task, text)
        first = judge.whole(task, candidate)
        if not first.correct:
            return first, False
        again = judge.rejudge(task, candidate)
        return again, holds(first, again)

    def again(self, task: Task, text: str) -> Verdict:
        """The verdict of new processes under a new secret. Raises as `judge`."""
        return self._opened(task).rejudge(task, _candidate(task, text))

    def _opened(self, task: Task) -> Judge:
        if self._judge is None:
            self._judge = self._stack.enter_context(
                judge_of(task, self._options, sandbox=self._sandbox)
            )
        return self._judge


def _candidate(task: Task, text: str) -> Candidate:
    return Candidate({**task.components, KERNEL: text})
