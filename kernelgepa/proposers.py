"""Proposers by name, and one that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kernelgepa.errors import InputError
from kernelgepa.protocols import Proposal, Proposer, Request
from kernelgepa.runs.settings import Settings

__all__ = ["NAMES", "Proposer", "Scripted", "make", "ready"]

NAMES = ("playbook", "llm")

Scripts = Callable[[Request], "Proposal | Mapping[str, str] | str | None"]


def make(settings: Settings) -> Proposer:
    """The proposer that the settings name. Raises InputError."""
    if settings.proposer == "playbook":
        from kernelgepa.playbook import Playbook  # noqa: PLC0415

        return Playbook()
    if settings.proposer == "llm":
        from kernelgepa.llm import proposer  # noqa: PLC0415

        if settings.model is None:
            raise InputError(
                "the llm proposer asks a language model, and none is named; add --model NAME"
            )
        return proposer.make(
            settings.model, settings.budget.usd, settings.templates, settings.cache
        )
    raise InputError(
        f"unknown proposer {settings.proposer!r}; expected one of: {', '.join(NAMES)}, or an "
        "object with the methods of kernelgepa.protocols.Proposer"
    )


def ready(settings: Settings) -> Proposer:
    """The same for a run that begins, whose key and templates must be there. Raises InputError.

    A run that goes on may have all its answers, and needs none.
    """
    made = make(settings)
    if settings.templates and settings.proposer != "llm":  # which has looked at them
        from kernelgepa.llm.proposer import check_templates  # noqa: PLC0415

        check_templates(settings.templates)
    if settings.proposer == "llm" and settings.model is not None:
        from kernelgepa.llm.client import check_key  # noqa: PLC0415

        check_key(settings.model)
    return made


class Scripted:
    """Proposes what a script says; for tests and for teaching.

    The script is a sequence, whose item n - 1 answers step n, or a function of the request. An
    answer is the new text of the component asked for, or a mapping of components (those left out
    stay as the parent has them), or None for nothing, or a whole Proposal. After the last item of
    a sequence nothing further comes.

        kernelgepa.optimize("axpy_bf16", proposer=Scripted([first_kernel, second_kernel]))
        kernelgepa.optimize("axpy_bf16", proposer=Scripted(lambda request: rewrite(request)))

    `width` is how many proposals are made from one state of the archive; `crosses` lets a script
    be asked to combine two parents. The answer must depend on the request alone, or a run that is
    resumed is another run.
    """

    name = "scripted"

    def __init__(
        self,
        script: Sequence[str | Mapping[str, str] | Proposal | None] | Scripts,
        width: int = 1,
        crosses: bool = False,
    ) -> None:
        if isinstance(script, str):
            raise InputError("a script is a sequence of texts or a function, found one text")
        self._script, self.width, self.crosses = script, width, crosses

    def ceiling(self, request: Request) -> float | None:
        """No model is called."""

    def propose(self, request: Request) -> Proposal:
        if callable(self._script):
            said = self._script(request)
        elif request.number > len(self._script):
            return Proposal(None, self.name, "the script has ended", exhausted=True)
        else:
            said = self._script[request.number - 1]
        if isinstance(said, Proposal):
            return said
        if said is None:
            return Proposal(None, self.name, "the script has no answer here", failure="no answer")
        parent = request.parent.candidate.components
        changed = {request.component: said} if isinstance(said, str) else said
        return Proposal({**parent, **changed}, self.name, f"step {request.number} of the script")
