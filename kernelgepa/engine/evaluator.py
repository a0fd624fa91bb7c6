"""The only caller of a judge: owns the cache, what the journal knows, and work under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from kernelgepa.cache import VerdictCache, key
from kernelgepa.candidate import Candidate
from kernelgepa.engine.score import joined, part
from kernelgepa.protocols import Judge
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

Recorder = Callable[[Task, Candidate, Verdict], None]


class Evaluator:
    """Judges candidates; the same candidate never twice on the same workload.

    `record` is told of every verdict that was not known before. Failures of ours are raised, and
    neither kept nor recorded.
    """

    def __init__(
        self,
        judge: Judge,
        cache: VerdictCache | None = None,
        record: Recorder = lambda task, candidate, verdict: None,
    ) -> None:
        self._judge, self._cache, self._record = judge, cache, record
        self._known: dict[tuple[str, str], Verdict] = {}
        self._under_way: dict[tuple[str, str], Future[None]] = {}
        self._lock = threading.Lock()

    @property
    def judge(self) -> Judge:
        return self._judge

    def remember(self, task: Task, verdict: Verdict) -> None:
        """A verdict from a journal, of some workloads or all."""
        place = (task.name, verdict.candidate)
        known = self._known.get(place)
        self._known[place] = joined(task, known, verdict) if known else verdict

    def on(self, task: Task, candidate: Candidate, names: Sequence[str]) -> Verdict:
        """The verdict on the workloads named; judges those only that are not known.

        Raises InfrastructureError.
        """
        place = (task.name, candidate.id)
        mine = Future[None]()
        while True:
            with self._lock:
                other = self._under_way.get(place)
                if other is None:
                    self._under_way[place] = mine
                    break
            other.exception()
        try:
            return self._on(task, candidate, names)
        finally:
            with self._lock:
                del self._under_way[place]
            mine.set_result(None)

    def _on(self, task: Task, candidate: Candidate, names: Sequence[str]) -> Verdict:
        place = (task.name, candidate.id)
        known = self._known.get(place)
        judged = {w.workload for w in known.workloads} if known else set()
        missing = tuple(n for n in names if n not in judged)
        if missing:
            fresh = self._cached(task, candidate, missing)
            self._record(task, candidate, fresh)
            known = joined(task, known, fresh) if known else fresh
            self._known[place] = known
        assert known is not None
        return part(known, names)

    def _cached(self, task: Task, candidate: Candidate, names: Sequence[str]) -> Verdict:
        if self._cache is None or not task.digest:
            return self._judge.judge(task, candidate, names)
        name = key(candidate.id, task.digest, self._judge.versions(), self._judge.policy, names)
        found = self._cache.get(name)
        if found is None:
            found = self._judge.judge(task, candidate, names)
            self._cache.put(name, found)
        return found

    def again(self, task: Task, candidate: Candidate) -> Verdict:
        """Judged once more, under a secret nobody has seen yet; never cached."""
        return self._judge.rejudge(task, candidate)
