"""Runs attacks against a sandbox and tells, from outside, which of its promises hold."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, Sandbox, SandboxJob, SandboxOutcome
from kernelgepa.sandbox import harness, strict_json
from kernelgepa.sandbox.attacks.model import LIMITS, UNPROMISED, Attack, program
from kernelgepa.sandbox.attacks.outside import Breach, Canary, Outside

State = Literal["held", "broken", "not promised"]
Reader = Callable[[bytes], Any]
_GRACE_SECONDS = 20.0  # beyond a job's own time, for a sandbox to come back
_DOCUMENT_BYTES = 1 << 20
_BENIGN = """
print(6 * 7, sorted(os.listdir(".")))
"""


@dataclass(frozen=True)
class AttackResult:
    """What came of one attack. `canaries`: what told that it got through."""

    attack: str
    tries: str
    promise: str
    state: State
    seconds: float
    detail: str
    canaries: tuple[Canary, ...] = ()


def read_strictly(data: bytes) -> Any:
    """How kernelgepa reads JSON that untrusted code wrote."""
    return strict_json.loads(data, max_bytes=_DOCUMENT_BYTES)


def attack(
    sandbox: Sandbox,
    attacks: Sequence[Attack],
    read: Reader = read_strictly,
    progress: Callable[[AttackResult], None] = lambda _: None,
) -> list[AttackResult]:
    """Runs each attack. Raises InfrastructureError where an honest job does not run."""
    results = []
    with Field(sandbox, read) as field:
        for one in attacks:
            results.append(field.attempt(one))
            progress(results[-1])
    return results


class Field:
    """One sandbox under attack. Use as a context manager; what got through is cleaned up.

    A promise that the sandbox does not make (UNPROMISED), or that was measured not to hold on this
    machine (`guarantees`), is not broken when an attack gets through; attacks that are harmful
    where they do are then not even tried.
    """

    def __init__(self, sandbox: Sandbox, read: Reader = read_strictly) -> None:
        self._sandbox, self._read = sandbox, read

    def __enter__(self) -> Self:
        """Raises InfrastructureError where an honest job does not run."""
        self._measured = self._sandbox.guarantees()
        with ExitStack() as stack:
            self._outside = stack.enter_context(Outside())
            if honest := self.benign():
                raise InfrastructureError(f"an honest job does not run: {honest[0].detail}")
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def promised(self, one: Attack) -> bool:
        """Whether the sandbox promises, on this machine, that the attack is held."""
        never = UNPROMISED.get(self._sandbox.name, frozenset())
        needed = {one.promise, *one.rests_on}
        return not needed & never and all(self._measured.get(name, True) for name in needed)

    def attempt(self, one: Attack) -> AttackResult:
        """Runs the attack, and after it a job that must still work."""
        promised = self.promised(one)
        if not promised and not one.bounded:
            detail = "not tried where nothing holds it"
            return AttackResult(one.name, one.tries, one.promise, "not promised", 0.0, detail)
        started = time.monotonic()
        breaches = [*self._strike(one), *self.benign(), *self._outside.breaches()]
        seconds = time.monotonic() - started
        state: State = "held" if not breaches else "broken" if promised else "not promised"
        return AttackResult(
            one.name, one.tries, one.promise, state, seconds,
            "; ".join(dict.fromkeys(b.detail for b in breaches)),
            tuple(dict.fromkeys(b.canary for b in breaches)),
        )  # fmt: skip

    def benign(self) -> list[Breach]:
        """The next evaluation, which finds nothing but its own file."""
        done = self._run(_job(_BENIGN, self._outside, LIMITS))
        if isinstance(done, str):
            return [Breach("next", f"the next job {done}")]
        expected = f"tries\n42 {[self._outside.mark]}\n".encode()
        if done.status == "ok" and done.stdout == expected:
            return []
        said = (done.stdout + done.stderr).decode("utf-8", "replace")[-200:]
        return [Breach("next", f"the next job ended with {done.status}: {said}")]

    def _strike(self, one: Attack) -> Iterator[Breach]:
        neighbour = self._start_beside(one)
        done = self._run(_job(one.script, self._outside, one.limits, one.collect))
        if isinstance(done, str):
            yield Breach("status", f"the job {done}")
        else:
            yield from self._judge(one, done)
        if neighbour is not None:
            yield from neighbour()
        if one.then:
            after = self._run(_job(one.then, self._outside, one.limits))
            if isinstance(after, str):
                yield Breach("status", f"the job after it {after}")
            else:
                yield from _said(after)
                yield from _ended(after, one)

    def _judge(self, one: Attack, done: SandboxOutcome) -> Iterator[Breach]:
        yield from self._outside.stolen(done.stdout, done.stderr, *done.files.values())
        yield from _said(done)
        yield from _ended(done, one)
        most = one.limits.output_bytes
        if max(len(done.stdout), len(done.stderr)) > most:
            yield Breach("output", f"more than {most} bytes of output came out")
        if one.document:
            yield from self._document(done)
        else:
            for name in sorted(set(one.collect) - set(done.refused)):
                yield Breach("result", f"a planted {name} was taken")

    def _document(self, done: SandboxOutcome) -> Iterator[Breach]:
        if "result" not in done.files:
            yield Breach("status", f"no document came out: {dict(done.refused)}")
            return
        try:
            self._read(done.files["result"])
        except (ValueError, RecursionError) as error:
            if isinstance(error, RecursionError):
                yield Breach("reader", "the document exhausted the stack of its reader")
            return
        yield Breach("reader", "the document was read")

    def _start_beside(self, one: Attack) -> Callable[[], list[Breach]] | None:
        """Starts the job beside; what is returned waits for it and tells what it came to."""
        if not one.beside:
            return None
        given = {"neighbour": self._outside.secrets["neighbour"]}
        job = _job(one.beside, self._outside, one.limits, facts=given)
        ended: list[SandboxOutcome | str] = []
        thread = threading.Thread(target=lambda: ended.append(self._run(job)), daemon=True)
        thread.start()

        def wait() -> list[Breach]:
            thread.join()
            done = ended[0]
            if isinstance(done, str):
                return [Breach("neighbour", f"the job beside it {done}")]
            if done.status != "ok" or not done.stdout.endswith(b"intact\n"):
                return [Breach("neighbour", f"the job beside it came to harm: {done.status}")]
            return []

        return wait

    def _run(self, job: SandboxJob) -> SandboxOutcome | str:
        """The outcome, or in words how the sandbox failed; comes back in any case."""
        ended: list[SandboxOutcome | str] = []

        def work() -> None:
            try:
                ended.append(self._sandbox.run(job))
            except InfrastructureError as error:
                ended.append(f"made the sandbox fail: {error}")

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(job.limits.wall_seconds + _GRACE_SECONDS)
        if ended:
            return ended[0]
        hangs = thread.is_alive()
        return "did not come back in time" if hangs else "made the sandbox fail unexpectedly"


def _said(done: SandboxOutcome) -> Iterator[Breach]:
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        if line.startswith("got "):
            yield Breach("said", "it " + line[:200])


def _ended(done: SandboxOutcome, one: Attack) -> Iterator[Breach]:
    """An attack that did not really take place is no evidence."""
    if not done.stdout.startswith(b"tries\n") or done.status not in one.statuses:
        why = done.stderr.decode("utf-8", "replace")[-300:].strip()
        expected = " or ".join(one.statuses)
        yield Breach("status", f"it ended with {done.status}, expected {expected}. {why}".strip())


def _job(
    script: str,
    outside: Outside,
    limits: Limits,
    collect: Mapping[str, int] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> SandboxJob:
    """Carries the marker in its command line and in its folder, to be found by if it stays."""
    python = Path(sys.executable).resolve()
    told = {**outside.facts(), **(facts or {})}
    return SandboxJob(
        argv=(str(python), "-I", "-S", "-c", program(script), outside.marker),
        files={outside.mark: b""},
        collect=dict(collect or {}),
        readable=(python, *harness.interpreter_paths()),
        stdin=repr(told).encode(),
        limits=limits,
    )
