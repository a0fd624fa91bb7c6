"""In the sandbox: what a candidate compiles by torch.utils.cpp_extension is compiled once.

One process compiles while it loads and constructs the candidate, on seeds that are no secret. The
others are given its libraries, each for the very same sources and options.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PREFIX = "library:"  # of names of payloads
_BUILD = "_write_ninja_file_and_build_library"  # the step of torch that runs the compilers
_ELSEWHERE = frozenset({"sources", "build_directory", "verbose"})


def record() -> dict[str, bytes]:
    """Names and contents of the libraries that this process compiles from now on."""
    made = dict[str, bytes]()

    def build(compile_it: Callable[..., Any], options: Mapping[str, Any], library: Path) -> None:
        compile_it(**options)
        if library.is_file():
            made[_name(options)] = library.read_bytes()

    _instead(build)
    return made


def give(payload: Mapping[str, bytes]) -> None:
    """Has this process take libraries out of the payload instead of compiling them again."""

    def build(compile_it: Callable[..., Any], options: Mapping[str, Any], library: Path) -> None:
        found = payload.get(_name(options))
        if found is None:
            compile_it(**options)
            return
        library.parent.mkdir(parents=True, exist_ok=True)
        library.write_bytes(found)

    if any(name.startswith(PREFIX) for name in payload):
        _instead(build)


def _instead(build: Callable[..., None]) -> None:
    """Has torch call `build` for its step; a version that has no such step compiles as it does."""
    from torch.utils import cpp_extension  # noqa: PLC0415

    compile_it = getattr(cpp_extension, _BUILD, None)
    if compile_it is None:
        return

    def step(**options: Any) -> None:
        ending = getattr(cpp_extension, "LIB_EXT", ".so")
        library = Path(options["build_directory"], f"{options['name']}{ending}")
        build(compile_it, options, library)

    setattr(cpp_extension, _BUILD, step)


def _name(options: Mapping[str, Any]) -> str:
    """Of all that decides what a library is, but for where its sources happen to lie."""
    sources = [Path(str(source)) for source in options["sources"]]
    known = {key: repr(value) for key, value in sorted(options.items()) if key not in _ELSEWHERE}
    known |= {key: os.environ.get(key, "") for key in ("CXX", "CFLAGS", "TORCH_CUDA_ARCH_LIST")}
    digest = hashlib.sha256(json.dumps(known).encode())
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return PREFIX + digest.hexdigest()
