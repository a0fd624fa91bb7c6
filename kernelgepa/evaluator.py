"""The only caller of a judge: owns the cache and the parallel jobs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from kernelgepa.cache import VerdictCache, key
from kernelgepa.candidate import Candidate
from kernelgepa.protocols import Judge
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict


class Evaluator:
    """Judges candidates; the same candidate never twice under the same conditions."""

    def __init__(self, judge: Judge, cache: VerdictCache | None = None, jobs: int = 1) -> None:
        self._judge, self._cache, self._jobs = judge, cache, jobs

    def one(self, task: Task, candidate: Candidate) -> Verdict:
        """The verdict, from the cache where it is known. Raises InfrastructureError."""
        name = key(
            candidate.id,
            task.digest,
            self._judge.versions(),
            self._judge.policy,
            self._judge.fingerprint(),
        )
        known = self._cache.get(name) if self._cache and task.digest else None
        if known is not None:
            return known
        verdict = self._judge.judge(task, candidate)
        if self._cache and task.digest:
            self._cache.put(name, verdict)
        return verdict

    def many(self, task: Task, candidates: Sequence[Candidate]) -> list[Verdict]:
        """Verdicts in the order of the candidates, judged by as many jobs as there are."""
        if self._jobs <= 1 or len(candidates) <= 1:
            return [self.one(task, c) for c in candidates]
        with ThreadPoolExecutor(min(self._jobs, len(candidates))) as pool:
            return list(pool.map(lambda c: self.one(task, c), candidates))

    def again(self, task: Task, candidate: Candidate) -> Verdict:
        """Judged once more, under a secret nobody has seen yet; never cached."""
        return self._judge.rejudge(task, candidate)
