"""The playbook for targets whose reference is a module of torch: torch, cuda and triton.

A proposal is a whole candidate made from what the module's forward computes. The forward is traced
in the sandbox; nothing of a task is executed here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.protocols import Proposal, Request
from kernelgepa.task import Task

TARGETS = ("torch", "cuda", "triton")


@dataclass(frozen=True)
class Made:
    """A candidate that can be tried: its components, the rule, and why, in one sentence."""

    components: Mapping[str, str]
    rule: str
    note: str


class ModuleRules:
    """Proposals for tasks of modules. May be used from several threads."""

    def __init__(self, trace: Callable[[Task], Graph] | None = None) -> None:
        self._trace = trace
        self._lock = threading.Lock()
        self._graphs: dict[str, Graph | str] = {}  # by the task's digest; a text says why none

    def propose(self, request: Request, name: str) -> Proposal:
        """The first candidate that has not been tried, or none and the reason."""
        parent = request.parent.candidate
        tried = {a.candidate.id for a in request.history} | {parent.id}
        reasons: list[str] = []
        for made in self.candidates(request.task, reasons):
            if Candidate(made.components).id not in tried:
                return Proposal(made.components, f"playbook/{made.rule}", made.note)
        why = "; ".join(dict.fromkeys(reasons))
        note = f"no rule applies that has not been tried{'; ' if why else ''}{why}"
        return Proposal(None, name, note, exhausted=True)

    def candidates(self, task: Task, reasons: list[str]) -> Iterator[Made]:
        """Every candidate, best first. Why there are not more goes to `reasons`."""
        graph = self._graph(task)
        if isinstance(graph, str):
            reasons.append(graph)
            return
        if task.target == "torch":
            yield from _torch(task.module.code, graph, reasons)

    def _graph(self, task: Task) -> Graph | str:
        from kernelgepa.playbook.modules.client import traced  # noqa: PLC0415

        key = f"{task.digest}\0{task.module.code}"
        with self._lock:
            if key not in self._graphs:
                try:
                    self._graphs[key] = (self._trace or traced)(task)
                except Unsupported as error:
                    self._graphs[key] = str(error)
            return self._graphs[key]


def _torch(code: str, graph: Graph, reasons: list[str]) -> Iterator[Made]:
    from kernelgepa.playbook.modules import on_cpu  # noqa: PLC0415

    for variant in on_cpu.VARIANTS:
        try:
            source, note = on_cpu.candidate(code, graph, variant)
        except Unsupported as error:
            reasons.append(str(error))
            continue
        yield Made({KERNEL: source}, variant.rule, note)
