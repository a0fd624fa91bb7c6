"""The confined child of a supervisor: a handler for one request, or for one message after another.

Standard library only, beside the handler.
"""

from __future__ import annotations

import os
import signal
import struct
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import confine
import supervise

DETAIL_CHARACTERS = 8000
PRINTED_CHARACTERS = 6000
FAILED, NO_MEMORY = 70, 71  # exit codes of the child
LOG_BYTES = 1 << 16
SIZE = struct.Struct("!Q")  # before each message and each answer of a conversation
Handler = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Setup:
    """What every request has in common."""

    handler: Handler | None  # None: requests are commands
    readable: tuple[str, ...]
    root: str
    limits: dict[str, Any]
    answer_bytes: int
    identity: confine.Identity
    confined: bool  # False only where the user has asked for no sandbox
    devices: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None  # beside confine.environment
    execute_scratch: bool = False

    def policy(self, scratch: str, cpu_seconds: float | None) -> confine.Policy:
        return confine.Policy(
            scratch=scratch,
            readable=self.readable,
            cpu_seconds=cpu_seconds,
            memory_bytes=self.limits["memory_bytes"],
            file_bytes=self.limits["file_bytes"],
            processes=self.limits["processes"],
            execute_scratch=self.execute_scratch,
            devices=self.devices,
        )

    @property
    def log_bytes(self) -> int:
        return max(LOG_BYTES, int(self.limits["output_bytes"]))


@dataclass(frozen=True)
class Child:
    """Who the child is, and what it may be."""

    setup: Setup
    policy: confine.Policy
    identity: confine.Identity
    allowed: int  # processes, all that count with them included

    def run(self, keep: tuple[int, ...], log: int, work: Callable[[], None]) -> None:
        """In the child, just forked: confines it and does the work. Never returns.

        Of its descriptors it has `keep`, and `log` as stdout and stderr.
        """
        code = FAILED
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            os.chdir(self.policy.scratch)
            os.dup2(log, 1)
            os.dup2(log, 2)
            confine.close_descriptors((0, 1, 2, *keep))
            os.environ.update(confine.environment(self.policy.scratch))
            os.environ.update(self.setup.environment or {})
            tempfile.tempdir = None
            if self.setup.confined:
                confine.confine(self.policy, self.identity, self.allowed)
            work()
            code = 0
        except MemoryError:
            code = NO_MEMORY
        except BaseException as error:  # whatever the handler raises ends here, told as text
            os.write(2, _told(error)[-DETAIL_CHARACTERS:].encode("utf-8", "replace"))
        finally:
            os._exit(code)


def _told(error: BaseException) -> str:
    """Where it happened and what it says, from its beginning: tensors may be printed in it."""
    said = "".join(traceback.format_exception_only(error))
    frames = "".join(traceback.format_exception(error)).removesuffix(said)
    printed = _printed(error)
    left = DETAIL_CHARACTERS - len(printed)
    return f"{frames[-left // 2 :]}{said[: left // 2]}{printed}"


def _printed(error: BaseException) -> str:
    """What a command printed that failed, such as a compiler, where the handler kept it."""
    kept = vars(error).get("stderr") or vars(error).get("output")
    text = kept.decode("utf-8", "replace") if type(kept) is bytes else kept
    return text[:PRINTED_CHARACTERS] if type(text) is str else ""


def answer_one(handler: Handler, request: bytes, answer: int) -> None:
    _write(answer, handler(request))


def answer_all(handler: Handler, messages: int, answers: int) -> None:
    """Until no message comes any more."""
    with os.fdopen(messages, "rb", closefd=False) as source:
        while head := source.read(SIZE.size):
            reply = handler(source.read(SIZE.unpack(head)[0]))
            _write(answers, SIZE.pack(len(reply)))
            _write(answers, reply)
            del reply  # not to be kept while the next message is read


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def outcome(ending: supervise.Ending, log: bytes) -> tuple[str, str]:
    """(status, detail) as the pool tells them."""
    text = log.decode("utf-8", "replace")[-DETAIL_CHARACTERS:]
    if ending.status == "ok":
        return "ok", text
    if ending.exit_code == NO_MEMORY:
        return "out_of_memory", "memory used up"
    if ending.exit_code == FAILED:
        return "error", text
    if ending.status == "nonzero":
        return "crashed", f"{ending.detail}\n{text}".strip()
    return ending.status, ending.detail
