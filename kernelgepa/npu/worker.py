"""The function a confined, disposable worker runs: one request, one answer."""

from __future__ import annotations

from pathlib import Path

# Imported here so that the zygote has them before it forks.
import llvmlite.binding
import wasmtime

from kernelgepa.npu import codegen, pipeline, wire

__all__ = ["handle", "llvmlite", "wasmtime"]

codegen.warm()


def handle(request: bytes) -> bytes:
    """Executes a request of `wire` in the current directory, the worker's scratch."""
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
