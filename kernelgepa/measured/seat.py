"""The judge's side of one worker process: operations, and their answers."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from kernelgepa.kernelbench.fit import Demand
from kernelgepa.measured import digest, wire
from kernelgepa.measured.ended import why_ended
from kernelgepa.measured.outputs import Answer, answer, answers, rules, whole
from kernelgepa.measured.roofline import Work
from kernelgepa.protocols import Conversation, Workers
from kernelgepa.verdict import Diagnostic

HANDLER = "kernelgepa.measured.handler:serve"
ANSWER_BYTES = 1 << 30
FLUSHES = 4
_NOTHING_NEW: dict[str, Any] = {"weights": None, "base": None}
_ALONE = ("call", "exact", "keeps", "inputs", "shaken")  # they change no other's answer
# Calls that take longer, or give more, are asked for one by one.
_QUICK_SECONDS, _LIGHT_BYTES = 0.02, 8 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Failed(Exception):
    """A process ended instead of answering. `of_reference`: what it held was one, and raised."""

    def __init__(self, note: Diagnostic, detail: str = "", of_reference: bool = False) -> None:
        super().__init__(note.message)
        self.note, self.detail, self.of_reference = note, detail, of_reference


@dataclass(frozen=True)
class Which:
    """The inputs of one call: a set, or a mixture of two from `at` on, and of a third one by a
    `share`; scaled, and `uneven`, by other factors from row to row; `signed`, with signs
    at random and some larger; and torch's seed."""

    set: int
    other: int | None = None
    at: int = 0
    scale: float = 1.0
    seed: int = 0
    third: int | None = None
    share: float = 0.0
    uneven: bool = False
    signed: bool = False

    def plain(self, keep: bool = True) -> dict[str, Any]:
        made: dict[str, Any] = {"set": self.set, "scale": self.scale, "seed": self.seed}
        if self.other is not None:
            made |= {"with": self.other, "at": self.at}
        if self.third is not None:
            made |= {"third": self.third, "share": self.share}
        if self.uneven:
            made["uneven"] = True
        if self.signed:
            made["signed"] = True
        return {**made, "keep": keep}


FIRST = Which(0, seed=1)  # of what a reference is asked


@dataclass(frozen=True)
class Run:
    """Calls timed by the worker, and how long the judge waited for them."""

    seconds: tuple[float, ...]  # of each call
    host: tuple[float, ...]  # the same by the worker's host clock
    wall: float  # of the whole message, by the clock of who stops the worker and lets it go on
    used: tuple[float, ...] = ()  # processor seconds of each call; on a GPU, to launch it
    computed: float | None = None  # of the whole message, by the kernel's word; where that is known
    on_cpu: bool = True
    ready: tuple[float, float] = (0.0, 0.0)  # the message before, of new parameters and inputs
    cores: int = 1  # that its calls may use
    shared: bool = False  # outputs lie in the memory of the call before, or of each other

    @property
    def each(self) -> float:
        """Seconds of a call. On a GPU the middle one: the host may come late to any of them. What
        calls take beyond it lies beside them, by the judge's clock."""
        usual = statistics.fmean(self.host) if self.on_cpu else statistics.median(self.seconds)
        return max(usual, 1e-9)


def asked(
    operation: str, of: Which | Sequence[Which], outputs: Sequence[Mapping[str, Any]] = (),
    then: Which | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The message of a call (`outputs`, `then`: as Seat.call has them), or of what is like one."""
    made: dict[str, Any] = {"do": operation}
    made["of"] = of.plain() if isinstance(of, Which) else [w.plain() for w in of]
    if operation == "call":
        made["outputs"] = list(outputs)
    return made if then is None else {**made, "then": then.plain()}


@dataclass
class Seat:
    """One process with one module in it. What it holds is a reference where `loader` is empty."""

    workers: Workers
    order: Mapping[str, Any]  # of the operation "begin"
    payload: Mapping[str, bytes] = field(default_factory=dict)
    begun: float = 0.0  # seconds its construction took
    weights: tuple[str, ...] = ()  # hashes of its module's parameters
    common: tuple[str, ...] = ()  # of those that reference and candidate hold: they are changed
    ways: Sequence[tuple[int, Sequence[str]]] = ()  # a reference: how inputs that are one may vary
    constants: Mapping[str, int] = field(default_factory=dict)  # a reference: counts of them
    beginning: Future[Any] | None = None  # where it begins in another thread

    def __post_init__(self) -> None:
        self._talk: Conversation | None = None
        self._took = 0.0  # seconds of the last message, of which the worker cannot tell
        self._computed: float | None = None
        self._orders: tuple[Which, ...] = ()  # of the calls timed last
        self._digests: tuple[str, ...] = ()  # of their outputs
        self._sums: tuple[int, ...] = ()  # on a CPU, of what they were given
        self._held: dict[bytes, memoryview] = {}  # answers to messages that have not been asked yet
        self._usual = 1.0, 0  # seconds and bytes of the last call
        self._singly = False  # some of those failed

    def open(self) -> None:
        """Starts a process, and does not wait for it."""
        if self._talk is None:
            self._talk = self.workers.open()

    def begin(
        self, order: Mapping[str, Any] | None = None, ahead: Sequence[Mapping[str, Any]] = ()
    ) -> Sequence[Mapping[str, Any] | None]:
        """Starts a process where there is none, or one of another task, whose settings may have
        stayed; constructs the module, and asks `ahead`. Specs of its inputs. Raises Failed.
        """
        if order is not None:
            if self.order and order["task"] != self.order["task"]:
                self._end()
                self._usual, self._singly = (1.0, 0), False
            self.order = order
        start = time.perf_counter()
        head, _ = self._ask({"do": "begin", **self.order}, self.payload)
        self.begun = time.perf_counter() - start
        try:
            self.weights = tuple(str(w) for w in head["weights"])
            if not self.order["loader"]:
                self.ways, self.constants = head["ways"], head["constants"]
            inputs = list(head["inputs"])
        except (KeyError, TypeError) as error:
            raise self._garbled(f"nothing of its module ({error})") from error
        if ahead:
            self.ahead(ahead)
        return inputs

    def compiled(self, order: Mapping[str, Any]) -> Mapping[str, bytes]:
        """Libraries that a module compiles while it is loaded and constructed. Raises Failed."""
        self.order = order
        _, made = self._ask({"do": "compile", **order}, self.payload)
        return {name: bytes(data) for name, data in made.items()}

    def call(
        self, which: Which, outputs: Sequence[Mapping[str, Any]] = (), then: Which | None = None
    ) -> Answer:
        """One call that is not timed; `then` another one, before its outputs are read.

        Raises Failed.
        """
        return self._answer(asked("call", which, outputs, then))

    def ahead(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Asks in one message for what is going to be asked (`asked`), where that is little.

        Raises Failed; a reference that fails begins again, and is asked one by one.
        """
        seconds, size = self._usual
        if self._singly or seconds > _QUICK_SECONDS or size * len(messages) > _LIGHT_BYTES:
            return
        try:
            _, found = self._ask({"do": "many", "asked": list(messages)})
        except Failed:
            if self.order["loader"]:
                raise
            self._singly = True
            self.begin()
            return
        if list(found) != [str(i) for i in range(len(messages))]:
            raise self._garbled("another number of answers than messages")
        self._held = dict(zip(map(wire.pack, messages), found.values(), strict=True))

    def change(self, seed: int) -> None:
        """Other values for common parameters, in the same memory. Raises Failed."""
        self._ask({"do": "ready", "weights": seed, "base": None, "only": list(self.common)})

    def exact(self, which: Which) -> Answer:
        """The same in float64. Raises Failed."""
        return self._answer(asked("exact", which))

    def shaken(self, which: Which, seed: int, by: float) -> Answer:
        """The same with the results of all operations off by a share. Raises Failed."""
        return self._answer({"do": "shaken", "of": which.plain(), "seed": seed, "by": by})

    def inputs(self, which: Which) -> Answer:
        """The tensors that such a call is given. Raises Failed."""
        return self._answer(asked("inputs", which))

    def vary(self, how: Sequence[tuple[int, str]]) -> bool:
        """Inputs that are the same in all sets vary in these ways from now on; whether they still
        are what they were, such as in order. Raises Failed."""
        head, _ = self._ask({"do": "vary", "varied": list(how), "base": self.order["base"]})
        return bool(head["kept"])

    def leave(self, places: Sequence[int]) -> None:
        """Inputs at these places are outputs, too, from now on. Raises Failed."""
        self._ask({"do": "leave", "left": list(places)})

    def keeps(self, of: Sequence[Which]) -> bool:
        """Whether such inputs are all what all sets are, such as in order. Raises Failed."""
        head, _ = self._ask(asked("keeps", of))
        return bool(head.get("kept"))

    def run(
        self, calls: Sequence[Which], weights: int | None = None, flushes: int = FLUSHES,
        together: bool = False, base: Sequence[int] | None = None,
    ) -> Run:  # fmt: skip
        """Calls timed one after the other; with `weights` after that `change`, with `base` on new
        sets of inputs. Raises Failed.

        `flushes`: how often a GPU's cache is filled before a call; `together`: before the first
        alone, and no call waits for the one before.
        """
        on_cpu = self.order["device"] == "cpu"
        new = {"weights": weights, "base": None if base is None else list(base)}
        ready = 0.0, 0.0
        # By itself, so that who has it done sooner cannot work on a call's inputs in that time. The
        # messages of a GPU vary by more than that.
        if on_cpu and new != _NOTHING_NEW:
            self._ask({"do": "ready", **new, "only": list(self.common)})
            ready, new = (self._took, self._computed or self._took), _NOTHING_NEW
        order = {"do": "run", "calls": [w.plain() for w in calls], "together": together}
        order["only"] = list(self.common)
        head, _ = self._ask({**order, **new, "flushes": flushes})
        try:
            seconds, host, used = (
                _times(head[name], self._took) for name in ("seconds", "host", "used")
            )
            self._digests = tuple(_hash(d) for d in head["digests"])
            shared = bool(head["shared"])
            self._sums = tuple(map(whole, head["given"] if on_cpu else [0] * len(calls)))
        except (KeyError, TypeError, ValueError) as error:
            raise self._garbled(str(error)) from error
        told = (seconds, host, used, self._digests, self._sums)
        if any(len(one) != len(calls) for one in told):
            raise self._garbled("another number of times than calls")
        self._orders = tuple(calls)
        # Waiting for a GPU takes processor time or none, as its driver likes.
        computed = self._computed if on_cpu else None
        return Run(
            seconds, host, self._took, used, computed, on_cpu, ready,
            int(self.order["threads"]), shared,
        )  # fmt: skip

    def given(self, call: int) -> Which:
        """The inputs that one of the calls just timed had."""
        which = self._orders[call]
        if not call or which.other is None or self.order["device"] != "cpu":
            return which
        return replace(which, at=digest.moved(which.at, self._digests[call - 1]))

    def summed(self, call: int) -> int:
        """Of its tensors a sum, by its word; 0 on a GPU."""
        return self._sums[call]

    def show(self, calls: Sequence[int]) -> list[Answer]:
        """Outputs of some of the calls just timed. Raises Failed."""
        head, blobs = self._ask({"do": "show", "calls": list(calls)})
        try:
            found = answers(head, blobs)
        except wire.Garbled as error:
            raise self._garbled(str(error)) from error
        if len(found) != len(calls):
            raise self._garbled("the outputs of another number of calls")
        for call, one in zip(calls, found, strict=True):
            said = digest.of_bytes((o.data for o in one.outputs), self.order["device"] == "cpu")
            if said != self._digests[call]:
                note = Diagnostic(
                    "the outputs it shows of a timed call are not those that it had when they "
                    "ended",
                    code="timed-wrong",
                )
                raise Failed(note)
        return found

    def redraw(self, seeds: Sequence[int]) -> None:
        """New sets of inputs. Raises Failed."""
        self._ask({"do": "ready", "weights": None, "base": list(seeds)})

    def operations(self, which: Which) -> tuple[Mapping[str, int], tuple[str, ...]]:
        """ATen operations of one call, of a candidate those of all its threads, and what libraries
        of its own call, as far as the worker can be believed. Raises Failed."""
        everywhere = bool(self.order["loader"])
        head, _ = self._ask({"do": "trace", "of": which.plain(), "everywhere": everywhere})
        found, borrowed = head.get("operations"), head.get("borrowed")
        if not isinstance(found, dict) or not isinstance(borrowed, list):
            raise self._garbled("no operations")
        if not all(type(count) is int for count in found.values()):
            raise self._garbled("operations without numbers")
        return {str(name): count for name, count in found.items()}, tuple(map(str, borrowed))

    def profile(self, which: Which, calls: int) -> Mapping[str, Any]:
        """Where its calls spend their time, by its own word and unchecked. Raises Failed."""
        head, _ = self._ask({"do": "profile", "of": which.plain(), "calls": calls})
        return head

    def work(self, problem: str) -> Work:
        """What a problem has to do at least. Raises Failed."""
        head, _ = self._ask({"do": "work", "problem": problem})
        return Work(**head)

    def demand(self, problem: str) -> Demand | None:
        """What one call takes; None where it cannot be followed without values. Raises Failed."""
        head, _ = self._ask({"do": "demand", "problem": problem})
        return None if "note" in head else Demand(**{k: int(v) for k, v in head.items()})

    def close(self) -> None:
        """Ends the process, once it has begun."""
        if self.beginning is not None:
            wait([self.beginning])
            self.beginning = None
        self._end()

    def _end(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None

    def _answer(self, head: Mapping[str, Any]) -> Answer:
        found, blobs = self._ask(head)
        try:
            return answer(found, blobs)
        except wire.Garbled as error:
            raise self._garbled(str(error)) from error

    def _ask(
        self, head: Mapping[str, Any], blobs: Mapping[str, bytes] | None = None
    ) -> tuple[dict[str, Any], dict[str, memoryview]]:
        message = wire.pack(head, blobs)
        held = self._held.pop(message, None)
        if held is not None:
            return self._read(held)
        if head["do"] not in _ALONE:
            self._held.clear()
        self.open()
        assert self._talk is not None
        outcome = self._talk.ask(message, float(rules()["limits"]["seconds"]))
        self._took, self._computed = outcome.seconds, outcome.computed
        if head["do"] == "call":
            self._usual = outcome.seconds, len(outcome.payload)
        if outcome.status != "ok":
            self._end()
            raised = outcome.status == "error" and not self.order.get("loader")
            raise Failed(why_ended(outcome), outcome.detail, raised)
        return self._read(outcome.payload)

    def _read(self, payload: bytes | memoryview) -> tuple[dict[str, Any], dict[str, memoryview]]:
        try:
            return wire.unpack(payload)
        except wire.Garbled as error:
            raise self._garbled(str(error)) from error

    def _garbled(self, why: str) -> Failed:
        self._end()
        return Failed(Diagnostic(f"its process answered {why}", code="forged"))


def _times(said: Any, message: float) -> tuple[float, ...]:
    """Raises ValueError unless they are times in a message of so many seconds, on a thousand cores:
    what is no number is neither more nor less than a bound."""
    for one in said:
        if type(one) not in (int, float) or not 0.0 <= one < 1.0 + 1000.0 * message:
            raise ValueError(f"a time of {one!r:.40}")
    return tuple(map(float, said))


def _hash(said: Any) -> str:
    """Raises ValueError unless it is one."""
    if not isinstance(said, str) or not _DIGEST.fullmatch(said):
        raise ValueError(f"a hash of {said!r:.40}")
    return said


def all_of(begun: Sequence[Future[Any]]) -> list[Any]:
    """Results, once none is under way any more: a seat is asked one thing at a time."""
    wait(begun)
    return [each.result() for each in begun]
