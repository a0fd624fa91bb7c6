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
    source, interface, cases, library = wire.read_request(request)
    done = pipeline.execute(
        source, interface, cases, Path.cwd(), [Path(path) for path in library]
    )
    return wire.answer(done)
