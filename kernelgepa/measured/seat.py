"""The judge's side of one worker process: operations, and what went wrong in words."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from kernelgepa.kernelbench.fit import Demand
from kernelgepa.measured import digest, wire
from kernelgepa.measured.outputs import Answer, answer, answers, rules, whole
from kernelgepa.measured.roofline import Work
from kernelgepa.protocols import Conversation, WorkerOutcome, Workers
from kernelgepa.verdict import Diagnostic

HANDLER = "kernelgepa.measured.handler:serve"
ANSWER_BYTES = 1 << 30
FLUSHES = 4
_CODES: Mapping[str, str] = {
    "crashed": "crashed", "timeout": "timeout", "out_of_memory": "out-of-memory",
    "output_limit": "output-limit", "error": "error",
}  # fmt: skip
_NOTHING_NEW: dict[str, Any] = {"weights": None, "base": None}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FRAME = re.compile(r'File "[^"\n]*\bkernel\.py", line (\d+)')
_ANY_FRAME = re.compile(r'^  File ".*$', re.M)
_UNINDENTED = re.compile(r"^\S.*$", re.M)
_OF_COMPILER = re.compile(r"\b(?:fatal )?error\b.*:|undefined reference to")
_TYPES = re.compile(r"^\s+(?:argument|operand|object)s? types? (?:is|are): .*")  # nvcc goes on
_ECHO = re.compile(
    r"^ *\d+ \|(?P<gcc>.*)$|^(?P<nvcc> *\S.*)\n *\^ *$", re.M
)  # the line it is about
_STEP = re.compile(r": \[\d+/\d+\] ")  # ninja's; the compiler's command line follows
_SCRATCH = re.compile(r"(?:/[\w.+~-]+)*/kernelgepa-pool-\w+/(?:job-\w+/)?(?:tmp\w+/)?")
_OWN = re.compile(r"^kernelgepa(?:\.\w+)+: (?:line \d+: )?")  # an error of ours; the line is told
_LAST = re.compile(r"^(?:[\w.]+(?:Error|Exception|Exit|Interrupt|Warning)\b.*|[\w.]+: .*)$", re.M)


class Failed(Exception):
    """A process ended instead of answering. `of_reference`: what it held was one, and raised."""

    def __init__(self, note: Diagnostic, detail: str = "", of_reference: bool = False) -> None:
        super().__init__(note.message)
        self.note, self.detail, self.of_reference = note, detail, of_reference


@dataclass(frozen=True)
class Which:
    """The inputs of one call: a set, or a mixture of two from `at` on, and of a third one by a
    `share`; scaled, and `uneven`, by other factors from row to row; and torch's seed."""

    set: int
    other: int | None = None
    at: int = 0
    scale: float = 1.0
    seed: int = 0
    third: int | None = None
    share: float = 0.0
    uneven: bool = False

    def plain(self, keep: bool = True) -> dict[str, Any]:
        made: dict[str, Any] = {"set": self.set, "scale": self.scale, "seed": self.seed}
        if self.other is not None:
            made |= {"with": self.other, "at": self.at}
        if self.third is not None:
            made |= {"third": self.third, "share": self.share}
        if self.uneven:
            made["uneven"] = True
        return {**made, "keep": keep}


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

    def open(self) -> None:
        """Starts a process, and does not wait for it."""
        if self._talk is None:
            self._talk = self.workers.open()

    def begin(self, order: Mapping[str, Any] | None = None) -> Sequence[Mapping[str, Any] | None]:
        """Starts a process where there is none, or one of another task, whose settings may have
        stayed; constructs the module. Specs of its inputs. Raises Failed.
        """
        if order is not None:
            if self.order and order["task"] != self.order["task"]:
                self._end()
            self.order = order
        start = time.perf_counter()
        head, _ = self._ask({"do": "begin", **self.order}, self.payload)
        self.begun = time.perf_counter() - start
        try:
            self.weights = tuple(str(w) for w in head["weights"])
            if not self.order["loader"]:
                self.ways, self.constants = head["ways"], head["constants"]
            return list(head["inputs"])
        except (KeyError, TypeError) as error:
            raise self._garbled(f"nothing of its module ({error})") from error

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
        order: dict[str, Any] = {"do": "call", "of": which.plain(), "outputs": list(outputs)}
        return self._answer(order | ({} if then is None else {"then": then.plain()}))

    def change(self, seed: int) -> None:
        """Other values for common parameters, in the same memory. Raises Failed."""
        self._ask({"do": "ready", "weights": seed, "base": None, "only": list(self.common)})

    def exact(self, which: Which) -> Answer:
        """The same in float64. Raises Failed."""
        return self._answer({"do": "exact", "of": which.plain()})

    def shaken(self, which: Which, seed: int, by: float) -> Answer:
        """The same with the results of all operations off by a share. Raises Failed."""
        return self._answer({"do": "shaken", "of": which.plain(), "seed": seed, "by": by})

    def inputs(self, which: Which) -> Answer:
        """The tensors that such a call is given. Raises Failed."""
        return self._answer({"do": "inputs", "of": which.plain()})

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
        head, _ = self._ask({"do": "keeps", "of": [w.plain() for w in of]})
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
        self.open()
        assert self._talk is not None
        outcome = self._talk.ask(wire.pack(head, blobs), float(rules()["limits"]["seconds"]))
        self._took, self._computed = outcome.seconds, outcome.computed
        if outcome.status != "ok":
            self._end()
            raised = outcome.status == "error" and not self.order.get("loader")
            raise Failed(_note(outcome), outcome.detail, raised)
        try:
            return wire.unpack(outcome.payload)
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


def _note(outcome: WorkerOutcome) -> Diagnostic:
    """Why a process ended, with the line of the candidate it happened in."""
    text = outcome.detail.strip()
    frames = _FRAME.findall(text)
    line = int(frames[-1]) if frames else None
    if outcome.status != "error":
        said = f"its process ended: {text.splitlines()[0] if text else outcome.status}"
        return Diagnostic(said[:600], line=line, code=_CODES[outcome.status])
    said = _OWN.sub("", _SCRATCH.sub("", _said(text)))
    code = "exited" if said.startswith("SystemExit") else "error"
    return Diagnostic(said[:1200], line=line, code=code, source=_echoed(text)[:200])


def _raised(text: str) -> str:
    """A traceback without its frames; other text as it is."""
    frames = list(_ANY_FRAME.finditer(text))
    start = _UNINDENTED.search(text, frames[-1].end()) if frames else None
    return text[start.start() :] if start else text


def _said(text: str) -> str:
    """What an exception says, of a traceback; of a compiler's output the errors."""
    said = _raised(text)
    errors = [f"{first}{types}" for first, types in _errors(said.splitlines()[1:])]
    if errors:
        return "\n".join([_STEP.split(said.splitlines()[0])[0][:200], *errors[:8]])
    if said != text:
        return said
    found = _LAST.findall(text)
    return found[-1] if found else (text.splitlines() or ["it failed without a message"])[-1]


def _errors(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Errors of a compiler, each with the types that its next line names."""
    for line, after in pairwise([*lines, ""]):
        if _OF_COMPILER.search(line):
            yield line, f"\n{after.strip()}" if _TYPES.match(after) else ""


def _echoed(text: str) -> str:
    """The line that a compiler shows below its first error."""
    lines = _raised(text).splitlines()[1:]
    errors = [i for i, line in enumerate(lines) if _OF_COMPILER.search(line)]
    shown = _ECHO.search("\n".join(lines[errors[0] + 1 :][:4])) if errors else None
    return (shown["gcc"] or shown["nvcc"] or "").strip() if shown else ""
