"""The tile's own code and the parsed headers. Built once from sandbox/aie, cached."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.home import cache_home
from kernelgepa.npu import codegen, toolchain
from kernelgepa.npu.bfloat import BfloatLowering
from kernelgepa.npu.lower import DATA_LAYOUT, host_free_attributes

WASM_C = (
    "-x",
    "c",
    "-std=c17",
    "-target",
    "wasm32-unknown-unknown",
    "-O2",
    "-ffp-contract=off",
    "-fno-builtin",
    "-nostdinc",
    "-mbulk-memory",
    "-msimd128",
    "-mnontrapping-fptoint",
    "-msign-ext",
    "-c",
)
PRECOMPILED = "aie.pch"
_METADATA = re.compile(r"(?:, ![\w.]+ !\d+)+$")


@cache
def library() -> tuple[Path, ...]:
    """Object files of the tile's own code, built now if this version has not been built before.

    Only this process's user writes the cache; workers see it read-only.
    """
    versions = toolchain.versions()
    place = hashlib.sha256(f"{toolchain.zig()}\0{_place()}".encode()).hexdigest()[:8]
    key = f"tile-{versions.headers}-{versions.tile}-{versions.llvmlite}-{place}"
    try:
        root = cache_home()
        root.mkdir(parents=True, exist_ok=True)
        probe = tempfile.TemporaryDirectory(dir=root, prefix="build-")
    except OSError:
        probe = tempfile.TemporaryDirectory(prefix="kernelgepa-")
        root = Path(tempfile.mkdtemp(prefix="kernelgepa-tile-"))
        atexit.register(shutil.rmtree, root, ignore_errors=True)
    final = root / key
    with probe as scratch:
        if not final.is_dir():
            _build(Path(scratch))
            _publish(Path(scratch), final)
    return tuple(sorted(final.glob("*.o")))


def _place() -> str:
    """Where the headers lie and when they were written: clang knows the files of a precompiled
    header again by place, size and time, and reads one of another time a second time."""
    folder = toolchain.aie() / "include"
    times = (f"{p}\0{p.stat().st_mtime_ns}" for p in sorted(folder.rglob("*")) if p.is_file())
    return "\0".join(times)


def _publish(built: Path, final: Path) -> None:
    staged = final.with_name(f"{final.name}.{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for path in [*built.glob("*.o"), built / PRECOMPILED]:
        shutil.copy(path, staged / path.name)
    try:
        staged.rename(final)
    except OSError:  # another process was first
        shutil.rmtree(staged, ignore_errors=True)
    if not final.is_dir():
        raise InfrastructureError(f"cannot write the tile's library to {final}")


def precompiled(library: Sequence[Path]) -> Path:
    """The parsed <aie_api/aie.hpp> that was built with a library."""
    return library[0].with_name(PRECOMPILED)


def _build(folder: Path) -> None:
    aie = toolchain.aie()
    header = aie / "include" / "aie_api" / "aie.hpp"
    _run(toolchain.precompile_command(str(header), str(folder / PRECOMPILED))[1:])
    for source in sorted((aie / "ops").glob("*.cpp")):
        ir = _run(
            ["clang", *toolchain.TARGET, *toolchain.LANGUAGE, *toolchain.OPTIMISE,
             "-Wno-everything", "-nostdinc", "-isystem", str(aie / "include"),
             "-S", "-emit-llvm", str(source), "-o", "-"]
        )  # fmt: skip
        (folder / f"ops_{source.stem}.o").write_bytes(codegen.emit_object(plain(ir), level=2))
    for source in [*sorted((aie / "libm").glob("*.c")), *sorted((aie / "tile").glob("*.c"))]:
        _run(["clang", *WASM_C, str(source), "-o", str(folder / f"c_{source.stem}.o")])


def _run(arguments: list[str]) -> str:
    done = subprocess.run(
        [str(toolchain.zig()), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise InfrastructureError(f"the tile's own code does not build: {done.stderr[:2000]}")
    return done.stdout


def plain(ir: str) -> str:
    """x32 IR of trusted code as wasm32 IR, not instrumented."""
    bfloat = BfloatLowering()
    out: list[str] = []
    for raw in ir.split("\n"):
        line = raw.strip()
        if not line or line[0] in ";!":
            continue
        if line.startswith("target datalayout"):
            line = f'target datalayout = "{DATA_LAYOUT}"'
        elif line.startswith("target triple"):
            line = 'target triple = "wasm32-unknown-unknown"'
        elif line.startswith("attributes #"):
            line = host_free_attributes(line)
        line = _METADATA.sub("", re.sub(r" !dbg !\d+", "", line) if "define" in line else line)
        if "noalias.scope.decl" in line:
            continue
        out.extend(bfloat.line(line) if "bf" in line and " = " in line else [line])
    if any("__kg_bf" in line for line in out):
        out.append(bfloat.definitions())
    return "\n".join(out)
