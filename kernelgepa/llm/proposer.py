"""The proposer that asks a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.errors import InputError
from kernelgepa.feedback import KernelFeedback
from kernelgepa.llm import prompt
from kernelgepa.llm.answers import Answer, Answers, key
from kernelgepa.llm.client import Client, Patience
from kernelgepa.llm.extract import extract
from kernelgepa.llm.prices import Prices, most_tokens, prices_of
from kernelgepa.llm.samples import samples
from kernelgepa.llm.templates import Templates
from kernelgepa.llm.trouble import Trouble
from kernelgepa.protocols import Attempt, Proposal, Request, Usage
from kernelgepa.runs.settings import Model
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

BYTES_PER_TOKEN = 4  # where a server does not count; a guess, and flagged as one
SLACK = 1_000  # bytes by which a first prompt may differ from the one an estimate is made of

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Estimate:
    """What calls may cost, before the first is made. Dollars are None where no price is known."""

    model: str
    prices: Prices | None
    first: float | None  # the first call, at most
    calls: int  # as many as candidates are asked for
    limit: float | None  # --usd

    def __str__(self) -> str:
        if self.prices is None or self.first is None:
            return (
                f"model {self.model}: its price is not known, so dollars are not counted; give it "
                "with --price-in and --price-out"
            )
        said = (
            f"model {self.model}: {self.prices}; the first call costs at most ${self.first:.4f}, "
            f"{self.calls} such calls at most ${self.first * self.calls:.4f}"
        )
        return said + (f", and never more than ${self.limit:g}" if self.limit is not None else "")


class Llm:
    """Asks a model for a changed component; `usd` is the run's limit, None where there is none.

    Raises InputError where the model's name, prices or the templates cannot be used.
    """

    name = "llm"
    width = 4
    crosses = True

    def __init__(
        self,
        model: Model,
        usd: float | None = None,
        templates: str = "",
        answers: Answers | None = None,
        patience: Patience | None = None,
    ) -> None:
        _check_names(model)
        self._model, self._answers = model, answers
        self._templates = check_templates(templates)
        self.prices = prices_of(model)
        if self.prices is None and usd is not None:
            raise InputError(
                f"the price of model {model.name} is not known, so --usd cannot be kept; give it "
                "with --price-in and --price-out (dollars per million tokens; 0 where it is free)"
            )
        self._client = Client(model, patience)

    def ceiling(self, request: Request) -> float:
        """Every byte of the prompt and every token of the longest answer at list price.

        0 where no price is known.
        """
        return self._ceiling(self._messages(request))

    def _messages(self, request: Request) -> list[dict[str, str]]:
        return prompt.messages(request, self._templates)

    def _ceiling(self, messages: Messages, more: int = 0) -> float:
        if self.prices is None:
            return 0.0
        return self.prices.usd(most_tokens(messages) + more, self._model.max_tokens)

    def estimate(self, task: Task, seed: str, budget: Budget) -> Estimate:
        """What the calls of a run on this task may cost."""
        unknown = Attempt(Candidate.kernel(seed), Verdict("", task.name, ()), True)
        component = next(iter(unknown.candidate.components))
        request = Request(1, task, unknown, component, "x" * (prompt.FEEDBACK + 1), ())
        first = self._ceiling(self._messages(request), SLACK) if self.prices else None
        return Estimate(self._model.name, self.prices, first, budget.candidates, budget.usd)

    def propose(self, request: Request) -> Proposal:
        """One call at most that is charged for; none where the answer is known already."""
        messages = self._messages(request)
        name = key(self._model, messages, request.asked_before)
        known = self._answers.get(name) if self._answers else None
        if known is not None:
            return self._read(request, known, Usage(cached=True))
        before = any(a.candidate.origin.startswith(f"{self.name}/") for a in request.history)
        found = self._client.ask(messages, before)
        if isinstance(found, Trouble):
            return self._failed(found, messages)
        if self._answers:
            self._answers.put(name, found)
        ceiling = self._ceiling(messages)
        usage = self._usage(found, messages, ceiling)
        made = self._read(request, found, usage)
        if self.prices is not None and usage.usd is not None and usage.usd > ceiling:
            said = (
                f"the server counted {usage.tokens_in} + {usage.tokens_out} tokens, more than "
                f"reserved: ${usage.usd:.4f} instead of ${ceiling:.4f}"
            )
            made = replace(made, note=f"{made.note}; {said}" if made.note else said)
        return made

    def _failed(self, found: Trouble, messages: Messages) -> Proposal:
        """No answer; what may have been charged counts as if it had been."""
        usage = Usage()
        if found.kind == "unsure":
            usd = self._ceiling(messages) if self.prices else None
            usage = Usage(calls=1, usd=usd, estimated=True)
        return Proposal(None, self.name, found.message, failure=found.failure, usage=usage)

    def _usage(self, found: Answer, messages: Messages, ceiling: float) -> Usage:
        """As the server counted; where it did not, a guess at tokens, and all that was reserved."""
        if found.tokens_in is None or found.tokens_out is None:
            read = sum(len(m["content"].encode()) for m in messages) // BYTES_PER_TOKEN + 1
            written = len(found.text.encode()) // BYTES_PER_TOKEN + 1
            return Usage(1, read, written, ceiling if self.prices else None, estimated=True)
        usd = self.prices.usd(found.tokens_in, found.tokens_out) if self.prices else None
        return Usage(1, found.tokens_in, found.tokens_out, usd)

    def _read(self, request: Request, answer: Answer, usage: Usage) -> Proposal:
        rule = "crossover" if request.partner else "mutation"
        origin = f"{self.name}/{rule}"
        parent = request.parent.candidate.components
        fault = _unfinished(answer)
        if fault is not None:
            failure, said = fault
            return Proposal(None, origin, said, failure=failure, usage=usage, answer=answer.text)
        text = parent[request.component]
        found = extract(answer.text, text, request.task.target, request.component)
        if found.text is None:
            return Proposal(
                None, origin, found.note, failure=found.failure, usage=usage, answer=answer.text
            )
        components = {**parent, request.component: found.text}
        return Proposal(components, origin, found.note, usage=usage, answer=answer.text)


def _unfinished(answer: Answer) -> tuple[str, str] | None:
    """Class and reason of an answer that is not to be read."""
    if answer.finish == "length":
        return "truncated", "the answer reached --max-tokens and was cut off"
    if answer.finish == "content_filter":
        return "filtered", "the server's content filter stopped the answer"
    if not answer.text.strip():
        return "empty", f"the answer is empty: {answer.instead}".removesuffix(": ")
    return None


def _check_names(model: Model) -> None:
    """Raises InputError for a model or an address that cannot be one."""
    provider, slash, bare = model.name.partition("/")
    if not provider.strip() or (slash and not bare.strip()):
        raise InputError(
            f"--model {model.name!r}: expected a name as litellm has it, such as openai/gpt-5 or, "
            "with --api-base, openai/NAME"
        )
    if not model.api_base:
        return
    try:
        address = urlsplit(model.api_base)
    except ValueError as error:
        raise InputError(f"--api-base: not an address ({error})") from error
    if address.username or address.password:
        raise InputError(
            "--api-base holds a name or password, and a run's journal holds --api-base; give the "
            "key in the environment (OPENAI_API_KEY for openai/...)"
        )
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InputError(
            f"--api-base {model.api_base}: not an address that can be called; expected "
            "http://HOST:PORT/v1 or https://..."
        )


def check_templates(folder: str) -> Templates:
    """Those of a user's folder, each rendered once. Raises InputError where one cannot be."""
    templates, feedback = Templates(folder), KernelFeedback(folder)
    for request in samples(folder):
        feedback.text(request.task, request.parent, request.history)
        values = prompt.context(request)
        for name in prompt.TEMPLATES:
            if request.partner or name != prompt.CROSSOVER:
                templates.render(name, values)
    return templates


def make(model: Model, usd: float | None, templates: str, cache: bool) -> Llm:
    """As the command line asks for it."""
    if templates:
        templates = str(Path(templates).absolute())
    return Llm(model, usd, templates, Answers() if cache else None)
