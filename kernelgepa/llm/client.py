"""Calls of a model: one answer that may be charged for, however often it must be asked for."""

from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NoReturn

from kernelgepa.errors import InputError
from kernelgepa.llm.answers import Answer
from kernelgepa.llm.library import litellm
from kernelgepa.llm.trouble import Trouble, known_errors, trouble_of
from kernelgepa.llm.words import clean, no_secrets, one_line, without_keys
from kernelgepa.runs.settings import Model

MOST_ANSWER = 1 << 20  # characters kept of an answer
REFUSAL = 200  # characters
GRACE = 5.0  # seconds beside the model's timeout, after which a call that drips is left
KEY = "_API_KEY"  # ends the name of a variable that holds a key
IN_A_ROW = 3  # requests nobody answered, after which the run ends

_log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Patience:
    """Waits double from `first` seconds up to `longest`, each made up to a quarter longer."""

    tries: int = 6
    first_tries: int = 3  # while no server has ever been reached
    first: float = 1.0
    longest: float = 60.0
    asked: float = 300.0  # a server that asks for a longer wait than this is not waited for
    told: float = 2.0  # a wait as long as this is told of

    def wait(self, number: int, wanted: float | None) -> float:
        if wanted is not None:
            return wanted
        return min(self.longest, self.first * 2.0 ** (number - 1)) * random.uniform(1.0, 1.25)


class Client:
    """Asks one model. May be called from several threads."""

    def __init__(self, model: Model, patience: Patience | None = None) -> None:
        self._model, self._patience = model, patience or Patience()
        self._lock = threading.Lock()
        self._reached = self._answered = False
        self._silent = 0  # requests in a row that nobody answered
        self._last: Trouble | None = None  # what came of the last of them

    def ask(self, messages: Messages, answered: bool = False) -> Answer | Trouble:
        """One answer, or why there is none; of trouble only "unsure" may have been charged.

        `answered` says that the model has answered in this run before. Raises InputError where no
        call can succeed, or where nobody answers any more.
        """
        number = 0
        if self._last is not None and self._silent >= IN_A_ROW:
            self._give_up(self._last)
        while True:
            number += 1
            found = self._once(messages)
            if isinstance(found, Answer):
                self._heard(answered=True)
                return found
            if found.kind == "fatal":
                self._give_up(found)
            if found.kind != "unreachable":
                self._heard()
            if found.kind == "refused" and found.failure == "refused":
                if not (answered or self._answered):
                    self._give_up(found)
                return self._unanswered(found, number)
            if found.kind == "unsure":
                self._note(found)
                return found
            if found.kind == "refused":
                return found
            if not self._again(found, number):
                return self._unanswered(found, number)

    def _heard(self, answered: bool = False) -> None:
        with self._lock:
            self._reached = True
            if answered:
                self._answered, self._silent = True, 0

    def _again(self, found: Trouble, number: int) -> bool:
        """Waits, if there is to be another try."""
        patience = self._patience
        most = patience.tries if self._reached else patience.first_tries
        if number >= most or (found.wait or 0.0) > patience.asked:
            return False
        seconds = patience.wait(number, found.wait)
        if seconds >= patience.told:
            _log.warning(
                "%s: waiting %.0f s, then asking again (%d of at most %d times): %s",
                without_keys(self._model.name), seconds, number + 1, most, found.message,
            )  # fmt: skip
        time.sleep(seconds)
        return True

    def _unanswered(self, found: Trouble, tries: int) -> Trouble:
        """A request that nobody answered. Raises InputError where there have been too many."""
        if self._note(found) >= IN_A_ROW or found.kind == "unreachable":
            self._give_up(found, tries)
        return found

    def _note(self, found: Trouble) -> int:
        """Counts a request without an answer. What may have been charged must be returned first,
        so that it is the next request that ends the run.
        """
        with self._lock:
            self._silent, self._last = self._silent + 1, found
            return self._silent

    def _once(self, messages: Messages) -> Answer | Trouble:
        given = self._parameters()
        errors = known_errors()

        def call() -> Answer | Trouble:
            try:
                return _answer(litellm().completion(messages=[dict(m) for m in messages], **given))
            except errors as error:
                return trouble_of(error)

        litellm()  # its import is not part of the call's time
        return within(self._model.timeout + GRACE, call)

    def _parameters(self) -> dict[str, Any]:
        model = self._model
        given: dict[str, Any] = {
            "model": model.name,
            "max_tokens": model.max_tokens,
            "timeout": model.timeout,
            "max_retries": 0,
            "num_retries": 0,
        }
        if model.temperature is not None:
            given["temperature"] = model.temperature
        if model.api_base:
            given["api_base"] = model.api_base
            if model.name.startswith("openai/") and not os.environ.get("OPENAI_API_KEY"):
                given["api_key"] = "none"  # a server of one's own asks for none
        return given

    def _give_up(self, found: Trouble, tries: int = 1) -> NoReturn:
        """Raises InputError: what was found, what to do."""
        model = self._model
        where = f"model {model.name}" + (f" at {model.api_base}" if model.api_base else "")
        often = f" ({tries} tries)" if tries > 1 else ""
        raise InputError(f"{where}: {_advice(found, model)}{often}; what it said: {found.message}")


def check_key(model: Model) -> None:
    """Raises InputError where the key that the model's provider asks for is surely missing.

    Says nothing of a server of one's own, of a provider that takes other credentials, or where a
    variable's name begins as the key's does: those may be a key under another of its names.
    """
    if model.api_base:
        return
    missing = litellm().validate_environment(model.name)["missing_keys"]
    if not missing or not all(name.endswith(KEY) for name in missing):
        return
    begins = tuple(name.removesuffix(KEY)[:8] for name in missing)
    if not any(name.startswith(begins) for name in os.environ):
        raise InputError(
            f"model {model.name}: no key is in the environment; set {' or '.join(missing)}, or "
            "--api-base for a server of your own"
        )


def _advice(found: Trouble, model: Model) -> str:
    """What to do, in one sentence."""
    address = "--api-base (it usually ends in /v1)"
    if found.kind == "unreachable":
        return "no server can be reached; check that it runs, and --api-base, then resume the run"
    if found.failure == "unavailable" and found.kind == "fatal":
        return f"not an address that can be called; check {address}"
    if found.status == 401:
        return "the key is missing or not accepted; set the provider's key in the environment"
    if found.status == 403:
        return "access was denied (403); check that the key may use this model"
    if found.status in (402, 429) and found.kind == "fatal":
        return f"the account has no credit left ({found.status}); add credit, then resume the run"
    if found.status in (404, 405):
        return f"no such model or address ({found.status}); check --model and {address}"
    if found.kind in ("again", "unsure"):
        return (
            f"{IN_A_ROW} requests in a row were not answered ({found.failure}); "
            "resume the run when it answers again"
        )
    return (
        f"the request is not accepted ({found.status}); check --model, --max-tokens "
        f"{model.max_tokens} and --temperature"
    )


def _answer(made: Any) -> Answer | Trouble:
    """litellm's answer as ours."""
    if not made.choices:
        return Trouble("unsure", "garbage", "the answer has no choices in it")
    choice = made.choices[0]
    text = getattr(choice.message, "content", None)
    usage = getattr(made, "usage", None)
    counts = [_count(usage, n) for n in ("prompt_tokens", "completion_tokens")]
    if text and not counts[1]:
        counts[1] = None
    if not counts[0]:  # a prompt has tokens: the server did not count
        counts = [None, None]
    whole = without_keys(clean(text if isinstance(text, str) else ""))
    instead = "" if whole.strip() else _instead(choice.message)
    finish = str(choice.finish_reason or "stop")
    return Answer(whole[:MOST_ANSWER], finish, counts[0], counts[1], instead)


def _instead(message: Any) -> str:
    """What an answer without a text has."""
    if getattr(message, "tool_calls", None):
        return "it calls a tool, and none was offered"
    if refusal := getattr(message, "refusal", None):
        return f"the model refuses: {one_line(no_secrets(str(refusal)), REFUSAL)}"
    if getattr(message, "reasoning_content", None):
        return "it has reasoning only; try a greater --max-tokens"
    return ""


def _count(usage: Any, name: str) -> int | None:
    value = getattr(usage, name, None)
    return value if type(value) is int and value >= 0 else None


def within(seconds: float, call: Callable[[], Answer | Trouble]) -> Answer | Trouble:
    """What the call returns, or, after that long, that nobody knows."""
    future = Future[Answer | Trouble]()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # whoever waits sees it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError:
        return Trouble("unsure", "timeout", f"no answer came in {seconds:g} s")
