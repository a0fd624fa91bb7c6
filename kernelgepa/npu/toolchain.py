"""Where the compiler is, how it is called, and the hashes that decide a result.

The front end is clang as shipped by the PyPI package `ziglang`. The x32 triple is used because it
has what the AIE core has (32-bit pointers and `long`) and what wasm32 lacks (a native `__bf16`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError

TARGET = (
    "-target",
    "x86_64-linux-muslx32",
    "-march=x86-64",
    "-mavx512f",
    "-mavx512bw",
    "-mavx512vl",
    "-mavx512bf16",
)
LANGUAGE = (
    "-std=c++20",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
    "-ffp-contract=off",
    # Registers of vectors that were never set are passed to operations (a loop of v.set(x, i), the
    # upper half of a narrow vector): with `noundef` arguments LLVM would delete such code.
    "-Xclang",
    "-no-enable-noundef-analysis",
)
# What the core's compiler predefines, and NPUEval's way of calling it. Its loop annotations that
# clang lacks become ones without effect: the option of a `#pragma clang loop` is macro-expanded.
PREDEFINED = (
    "-D__aie__=1",
    "-D__AIENGINE__=2",
    "-D__AIEARCH__=20",
    "-D__AIE_ARCH__=20",
    "-D__AIECC__=1",
    "-D__PEANO__=1",
    "-Drestrict=__restrict",
    "-DNDEBUG",
    "-Dmin_iteration_count(n)=distribute(disable)",
    "-Dmax_iteration_count(n)=vectorize_predicate(disable)",
    "-Wno-macro-redefined",
    "-Wno-unknown-attributes",
)
# Vectorisers off: the AIE compiler does not turn scalar loops into vector code. Runtime and
# partial unrolling off, full unrolling of short constant loops on, as its middle end does. Loop
# idioms off, so that a hand-written copy loop is priced as the loop it is. The kernel is inlined
# into its caller whatever its size: only then does its __restrict become something that the tile
# can check. No implicit use of vector registers: else a pragma of the kernel could switch the
# vectorisers on again.
OPTIMISE = (
    "-O2",
    "-fno-vectorize",
    "-fno-slp-vectorize",
    "-mno-implicit-float",
    "-mllvm",
    "-unroll-runtime=0",
    "-mllvm",
    "-unroll-allow-partial=0",
    "-mllvm",
    "-disable-loop-idiom-all",
    "-mllvm",
    "-inline-threshold=20000",
)
# Limits of the compiler on hostile text; far above what a kernel needs.
BOUNDS = (
    "-ftemplate-depth=256",
    "-fconstexpr-steps=2000000",
    "-fconstexpr-depth=256",
    "-fbracket-depth=256",
    "-fmacro-backtrace-limit=2",
    "-ftemplate-backtrace-limit=2",
    "-ferror-limit=20",
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
    "-fno-crash-diagnostics",
    # a result must not depend on the clock
    "-Wno-builtin-macro-redefined",
    "-fno-builtin-memcmp",  # its inline definition is priced, a call is not
    "-fno-builtin-bcmp",
    "-U__DATE__",
    "-U__TIME__",
    "-U__TIMESTAMP__",
)


@cache
def zig() -> Path:
    """The `zig` binary of the ziglang package."""
    spec = importlib.util.find_spec("ziglang")
    if spec is None or not spec.submodule_search_locations:
        raise InfrastructureError("package ziglang not found; reinstall kernelgepa")
    binary = Path(next(iter(spec.submodule_search_locations))) / "zig"
    if not binary.is_file():
        raise InfrastructureError(f"no zig binary in {binary.parent}; reinstall ziglang")
    return binary


def aie() -> Path:
    """The folder with the AIE headers, the operation library and the cost table."""
    return content("sandbox") / "aie"


def _command() -> list[str]:
    """What parsing depends on: the same for a kernel and for the precompiled headers."""
    return [
        str(zig()),
        "clang",
        *TARGET,
        *LANGUAGE,
        *PREDEFINED,
        *OPTIMISE,
        *BOUNDS,
        "-gline-tables-only",
        "-nostdinc",
        "-isystem",
        str(aie() / "include"),
    ]


def compile_command(source: str, output: str) -> list[str]:
    """clang command that turns C++ into optimised LLVM IR with line tables, run where `source` is.

    Nothing of the host is on the include path: only our own headers.
    """
    return [*_command(), "-S", "-emit-llvm", source, "-o", output]


def precompile_command(header: str, output: str) -> list[str]:
    """clang command that parses a header once for many compilations."""
    kept = ["-fpch-instantiate-templates", "-x", "c++-header"]
    return [*_command(), *kept, header, "-o", output]


def with_precompiled(path: Path) -> list[str]:
    """Options that use what `precompile_command` left.

    Not validated against time stamps: the file lies under a hash of the headers' content and place.
    """
    return ["-include-pch", str(path), "-Xclang", "-fno-validate-pch"]


@dataclass(frozen=True)
class Versions:
    """What a verdict of the simulated NPU depends on beside the task and the candidate."""

    clang: str
    llvmlite: str
    wasmtime: str
    headers: str  # hash of headers and operation library
    costs: str  # hash of the cost table and of the model's own code
    tile: str  # hash of the code that lowers and runs


def digest_of(paths: Iterable[Path]) -> str:
    """Hash of files by name and content, independent of where they lie."""
    found = hashlib.sha256()
    for path in sorted(paths, key=lambda p: (p.name, str(p))):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _files(folder: Path, *suffixes: str) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and p.suffix in suffixes]


@cache
def versions() -> Versions:
    here = Path(__file__).resolve().parent
    headers = _files(aie(), ".hpp", ".h", ".cpp", ".c", "")
    return Versions(
        clang=f"ziglang {importlib.metadata.version('ziglang')}",
        llvmlite=importlib.metadata.version("llvmlite"),
        wasmtime=importlib.metadata.version("wasmtime"),
        headers=digest_of(headers),
        costs=digest_of([*_files(aie(), ".toml"), *_files(here / "model", ".py"), here / "ir.py"]),
        tile=digest_of(p for p in here.glob("*.py")),
    )
