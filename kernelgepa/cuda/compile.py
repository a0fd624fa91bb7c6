"""Compiling with NVRTC in the sandbox: source to cubin, diagnostics and static counters."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from kernelgepa.cuda import counters, headers, messages, standard
from kernelgepa.cuda.names import ARCH
from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, Sandbox
from kernelgepa.sandbox import open_sandbox
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.verdict import Diagnostic, Stage

HANDLER = "kernelgepa.cuda.worker:handle"
LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60.0, memory_bytes=4 << 30)
SOURCE_CHARACTERS = 1 << 20
_ANSWER_BYTES = 64 << 20
_OPTIONS = (
    "--std=c++17",
    "--generate-line-info",
    "--ptxas-options=-v",
)
_ENDS = {
    "timeout": "compiling took more than {cpu:g} s of processor time",
    "out_of_memory": "compiling took more than {memory} GiB of memory",
    "output_limit": "the compiler wrote more than it may",
    "crashed": "the compiler crashed on this source",
}
_CODES = {
    "COMPILATION": "the compiler gave no reason",
    "INVALID_OPTION": "NVRTC does not know one of the options",
    "INVALID_INPUT": "NVRTC does not take this source",
    "NO_CUBIN": "NVRTC made no cubin",
}


@dataclass(frozen=True)
class Compiled:
    """What came of a source. `failed` is None where there is a cubin.

    `names`: kernel as the launch names it -> its name in the cubin; `parameters` and `usages` are
    by the former, and lack what could not be read.
    """

    failed: Stage | None
    diagnostics: tuple[Diagnostic, ...]
    cubin: bytes = b""
    log: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    usages: Mapping[str, counters.Usage] = field(default_factory=dict)


class Compiler:
    """Workers that compile. May be used from several threads; use as a context manager or close."""

    def __init__(self, sandbox: Sandbox | None = None, jobs: int = 1) -> None:
        used = sandbox or open_sandbox()
        self._own = used if sandbox is None else None
        self._folders = headers.folders()
        self._headers = standard.headers(headers.has_cccl())
        self._pool = used.workers(
            HANDLER, jobs, readable=self._folders, limits=LIMITS, answer_bytes=_ANSWER_BYTES
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()
        if self._own is not None:
            self._own.close()

    def compile(
        self, source: str, kernels: Sequence[str], arch: str = ARCH, options: Sequence[str] = ()
    ) -> Compiled:
        """Compiles; `kernels` are the functions that are to be launched, by name or template id.

        Raises InfrastructureError, never for what is wrong with the source.
        """
        wrong = _unusable(source)
        if wrong:
            return Compiled(Stage.REFUSED, (Diagnostic(wrong),))
        wanted = list(dict.fromkeys(kernels))
        given = [f"--gpu-architecture={arch}", *_OPTIONS, *options]
        given += [f"--include-path={folder}" for folder in self._folders]
        request = {
            "source": source, "options": given, "kernels": wanted, "headers": dict(self._headers),
        }  # fmt: skip
        outcome = self._pool.submit(json.dumps(request).encode())
        if outcome.status in _ENDS:
            text = _ENDS[outcome.status].format(
                cpu=LIMITS.cpu_seconds, memory=LIMITS.memory_bytes >> 30
            )
            return Compiled(Stage.COMPILE, (Diagnostic(text, code=outcome.status),))
        if outcome.status != "ok":
            raise InfrastructureError(f"a worker failed: {outcome.status}: {outcome.detail}")
        return _compiled(outcome.payload, source, wanted)


def versions() -> Mapping[str, str]:
    """Of NVRTC, of the package that calls it, and of the headers. Raises InfrastructureError."""
    _, major, minor = headers.library().nvrtcVersion()
    return {
        "nvrtc": f"{major}.{minor}",
        "cuda-python": importlib.metadata.version("cuda-bindings"),
        "cuda headers": _version_of_headers(),
    }


def _version_of_headers() -> str:
    for folder in headers.folders():
        marked = folder / "cuda.h"
        if marked.is_file():
            text = marked.read_text(encoding="utf-8", errors="replace")
            found = re.search(r"#define CUDA_VERSION (\d+)", text)
            if found:
                return f"{int(found[1]) // 1000}.{int(found[1]) % 1000 // 10}"
        return "of NVRTC" if (folder / ".nvrtc_headers_version").exists() else "unknown"
    return "none"


def _unusable(source: str) -> str:
    if len(source) > SOURCE_CHARACTERS:
        return f"the source has {len(source)} characters; at most {SOURCE_CHARACTERS}"
    if "\0" in source:
        return "the source holds a NUL character"
    try:
        source.encode()
    except UnicodeEncodeError:
        return "the source is no text: it holds half a character"
    return ""


def _compiled(raw: bytes, source: str, kernels: Sequence[str]) -> Compiled:
    """Reads a worker's answer. Raises InfrastructureError where it is not one."""
    try:
        data: Any = loads(raw, max_bytes=_ANSWER_BYTES)
        code, log = str(data["code"]), _shown(str(data["log"]))
        cubin = base64.b64decode(data["cubin"], validate=True)
        names = {str(k): str(v) for k, v in data["names"].items() if k in kernels}
        sizes = {str(k): tuple(map(int, v)) for k, v in data["parameters"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error)[:300]
        raise InfrastructureError(f"a worker gave an answer that is not valid: {why}") from error
    found = messages.diagnostics(log, source)
    if code:
        return _failure(code, found, log)
    missing = [k for k in kernels if k not in names]
    used = counters.usages(log)
    unknown = [k for k, name in names.items() if name not in used]
    if missing or unknown:
        gone = tuple(
            Diagnostic(f"launch: kernel {k!r} is no __global__ function of the source",
                       code="launch")
            for k in (*missing, *unknown)
        )  # fmt: skip
        return Compiled(Stage.COMPILE, (*gone, *found), log=log)
    return Compiled(
        None,
        found,
        cubin,
        log,
        names,
        {k: sizes[name] for k, name in names.items() if name in sizes},
        {k: used[name] for k, name in names.items()},
    )


def _failure(code: str, found: tuple[Diagnostic, ...], log: str) -> Compiled:
    errors = [d for d in found if d.severity == "error"]
    if not errors:
        lines = [line.strip() for line in log.splitlines() if "error" in line.lower()]
        reason = (
            lines[0].removeprefix("nvrtc: error: ")[:300]
            if lines
            else _CODES.get(code, f"NVRTC says {code}")
        )
        found = (Diagnostic(reason), *found)
    placed = bool(errors) and all(d.code == "shared" for d in errors)
    return Compiled(Stage.BUILD if placed else Stage.COMPILE, found, log=log)


def _shown(text: str) -> str:
    """Without anything a terminal obeys."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text.replace("\t", " "))
