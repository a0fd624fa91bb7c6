"""The playbook for targets whose reference is a module of torch: torch, cuda and triton.

A proposal is a whole candidate made from what the module's forward computes. The forward is traced
in the sandbox; nothing of a task is executed here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.launch import COMPONENT
from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.protocols import Proposal, Request
from kernelgepa.task import Task


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
        for made in self.candidates(request.task, reasons, parent):
            if Candidate(made.components).id not in tried:
                return Proposal(made.components, f"playbook/{made.rule}", made.note)
        why = "; ".join(dict.fromkeys(reasons))
        note = f"no rule applies that has not been tried{'; ' if why else ''}{why}"
        return Proposal(None, name, note, exhausted=True)

    def candidates(
        self, task: Task, reasons: list[str], parent: Candidate | None = None
    ) -> Iterator[Made]:
        """Every candidate, best first: made of the forward, then of `parent` with other parameters.

        Why there are not more goes to `reasons`.
        """
        graph = self._graph(task)
        if isinstance(graph, str):
            reasons.append(graph)
        elif task.target == "torch":
            yield from _torch(task.module.code, graph, reasons)
        elif task.target in ("cuda", "triton"):
            yield from _generated(task.target, graph, reasons)
        if parent is not None and COMPONENT in parent.components:
            yield from _changed(task.target, parent)

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


def _generated(target: str, graph: Graph, reasons: list[str]) -> Iterator[Made]:
    """The forward as one kernel on a GPU."""
    from kernelgepa.playbook.modules import on_cuda, on_triton, whole  # noqa: PLC0415

    what = "forward is one kernel, generated from its operations"
    try:
        made = whole.whole(graph)
        if target == "cuda":
            kernel, launch = on_cuda.components(made)
            yield Made({KERNEL: kernel, COMPONENT: launch}, "generate-cuda", what)
            return
    except Unsupported as error:
        reasons.append(str(error))
        return
    for looped, how in ((False, ""), (True, ", which goes over a row in blocks")):
        try:
            kernel, launch = on_triton.components(made, looped)
        except Unsupported as error:
            reasons.append(str(error))
            continue
        rule = "generate-triton-looped" if looped else "generate-triton"
        yield Made({KERNEL: kernel, COMPONENT: launch}, rule, what + how)


def _changed(target: str, parent: Candidate) -> Iterator[Made]:
    """The parent with other parameters."""
    from kernelgepa.playbook.modules import parameters  # noqa: PLC0415

    rules = {"cuda": parameters.cuda, "triton": parameters.triton}.get(target)
    if rules is None or KERNEL not in parent.components:
        return
    for change in rules(parent.source, parent.components[COMPONENT]):
        texts = {**parent.components, KERNEL: change.kernel, COMPONENT: change.launch}
        yield Made(texts, change.rule, change.note)
