"""Compiles with NVRTC: bytes in, bytes out. Runs in the sandbox; touches untrusted text only."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from kernelgepa.cuda import cubin, headers
from kernelgepa.cuda.names import FILE

LOG_BYTES = 1 << 20
_NVRTC = headers.library()  # loaded before the request


def handle(request: bytes) -> bytes:
    """One compilation: source, options, kernels, headers. The answer is JSON."""
    asked = json.loads(request)
    code, log, binary, lowered = _compile(
        asked["source"], asked["options"], asked["kernels"], asked["headers"]
    )
    sizes = cubin.parameters(binary) if binary else {}
    return json.dumps(
        {
            "code": code,
            "log": log,
            "cubin": base64.b64encode(binary).decode("ascii"),
            "names": lowered,
            "parameters": {name: list(sizes[name]) for name in lowered.values() if name in sizes},
        }
    ).encode()


def _compile(
    source: str, options: Sequence[str], kernels: Sequence[str], given: dict[str, str]
) -> tuple[str, str, bytes, dict[str, str]]:
    """(result, log, cubin, kernel -> its name in the cubin)."""
    texts, names = [v.encode() for v in given.values()], [k.encode() for k in given]
    status, program = _NVRTC.nvrtcCreateProgram(
        source.encode(), FILE.encode(), len(given), texts, names
    )
    if int(status):
        return _said(status), "", b"", {}
    for kernel in kernels:
        _NVRTC.nvrtcAddNameExpression(program, kernel.encode())
    flags = [option.encode() for option in options]
    (status,) = _NVRTC.nvrtcCompileProgram(program, len(flags), flags)
    log = _text(program)
    if int(status):
        return _said(status), log, b"", {}
    lowered = {}
    for kernel in kernels:
        found, name = _NVRTC.nvrtcGetLoweredName(program, kernel.encode())
        if not int(found):
            lowered[kernel] = name.decode()
    failed, size = _NVRTC.nvrtcGetCUBINSize(program)
    binary = bytearray(size)
    buffer: Any = bytes(binary)
    if int(failed) or int(_NVRTC.nvrtcGetCUBIN(program, buffer)[0]):
        return "NO_CUBIN", log, b"", lowered
    return "", log, buffer, lowered


def _text(program: Any) -> str:
    failed, size = _NVRTC.nvrtcGetProgramLogSize(program)
    if int(failed):
        return ""
    buffer = bytes(size)
    _NVRTC.nvrtcGetProgramLog(program, buffer)
    return buffer[:LOG_BYTES].rstrip(b"\0 ").decode("utf-8", "replace")


def _said(status: Any) -> str:
    return str(status.name).removeprefix("NVRTC_ERROR_")
