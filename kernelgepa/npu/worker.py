"""The function a confined, disposable worker runs: one request, one answer."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

# Imported here so that the zygote has them before it forks.
import llvmlite.binding
import wasmtime

from kernelgepa.npu import pipeline, wire
from kernelgepa.npu.warm import warm
from kernelgepa.protocols import Execution
from kernelgepa.verdict import Diagnostic, Stage

__all__ = ["handle", "llvmlite", "wasmtime"]

warm()


# What our readers raise on code of a form they have never met. That ends the kernel, not the run;
# what says that the installation is broken (OSError, InfrastructureError) does end the run.
_CONFUSED = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError,
    ValueError, wasmtime.WasmtimeError,
)  # fmt: skip


def handle(request: bytes) -> bytes:
    """Executes a request of `wire` in the current directory, the worker's scratch."""
    try:
        return _handle(request)
    except _CONFUSED as error:
        print(traceback.format_exc(), file=sys.stderr)
        text = (
            f"the simulator cannot read the compiled form of this kernel ({type(error).__name__})"
        )
        note = Diagnostic(text, code="simulator")
        return wire.answer(Execution(Stage.BUILD, (note,), ()), None)


def _handle(request: bytes) -> bytes:
    wanted = wire.read_request(request)
    if wanted.linked is not None:
        done = pipeline.execute_again(wanted.linked, wanted.interface, wanted.cases)
        return wire.answer(done, None)
    done, linked = pipeline.execute_and_keep(
        wanted.source,
        wanted.interface,
        wanted.cases,
        Path.cwd(),
        [Path(path) for path in wanted.library],
    )
    return wire.answer(done, linked if wanted.keep else None)
