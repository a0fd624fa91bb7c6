"""What is here and works, found out by trying."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

from kernelgepa.errors import KernelGepaError

State = Literal["ok", "missing", "broken", "partial"]
GOOD = """#include <aie_api/aie.hpp>
void doctor(int8_t *a, int8_t *b) {
  for (int i = 0; i < 64; i += 32) aie::store_v(b + i, aie::add(aie::load_v<32>(a + i), int8_t(1)));
}
"""


@dataclass(frozen=True)
class Finding:
    """One part, its state, a sentence, and whether the main job needs it."""

    part: str
    state: State
    detail: str
    needed: bool


def fit(found: list[Finding]) -> bool:
    """Whether the simulated NPU and the playbook can run."""
    return all(f.state in ("ok", "partial") for f in found if f.needed)


def examine() -> list[Finding]:
    """Every part, the needed ones first."""
    return [_python(), _compiler(), _simulator(), _sandbox(), _limits(), *_optional()]


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    text = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", "ok" if good else "broken", text, True)


def _compiler() -> Finding:
    import llvmlite.binding as llvm  # noqa: PLC0415

    from kernelgepa.npu import toolchain  # noqa: PLC0415

    try:
        done = subprocess.run(
            [str(toolchain.zig()), "clang", "--version"],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError, KernelGepaError) as error:
        return Finding("compiler", "broken", f"zig clang does not run: {error}", True)
    version = done.stdout.split("\n")[0].removeprefix("clang version ").strip()
    major = llvm.llvm_version_info[0]
    text = f"clang {version}, llvmlite with LLVM {'.'.join(map(str, llvm.llvm_version_info))}"
    if version.split(".")[0] != str(major):
        return Finding("compiler", "broken", f"{text}: the major versions must be equal", True)
    return Finding("compiler", "ok", text, True)


def _simulator() -> Finding:
    from kernelgepa.candidate import Candidate  # noqa: PLC0415
    from kernelgepa.npu.target import NpuSim  # noqa: PLC0415
    from kernelgepa.protocols import Case  # noqa: PLC0415
    from kernelgepa.task import Interface, Parameter  # noqa: PLC0415

    interface = Interface("doctor", (Parameter("a", "in", "int8"), Parameter("b", "out", "int8")))
    case = Case("doctor", {"a": bytes(range(64))}, {"b": 64}, {}, True)
    try:
        with NpuSim() as target:
            done = target.execute(Candidate.kernel(GOOD), interface, [case])
    except KernelGepaError as error:
        return Finding("npu-sim", "broken", str(error), True)
    right = bool(done.cases) and done.cases[0].outputs.get("b") == bytes(range(1, 65))
    profile = done.cases[0].profile if done.cases else None
    if not right or profile is None:
        why = done.diagnostics[0].message if done.diagnostics else "wrong values"
        return Finding("npu-sim", "broken", f"the test kernel failed: {why}", True)
    text = f"a vector kernel compiled, ran and matched ({profile.cycles} cycles, modelled)"
    return Finding("npu-sim", "ok", text, True)


def _sandbox() -> Finding:
    from kernelgepa.sandbox import open_sandbox  # noqa: PLC0415

    try:
        with open_sandbox() as sandbox:
            held, missing = sandbox.guarantees(), sandbox.missing()
    except KernelGepaError as error:
        return Finding("sandbox", "broken", str(error), True)
    if missing:
        return Finding("sandbox", "partial", missing, True)
    text = f"{sandbox.name}; untrusted code was refused what it tried: {', '.join(held)} (measured)"
    return Finding("sandbox", "ok", text, True)


def _limits() -> Finding:
    from kernelgepa.npu.target import LIMITS  # noqa: PLC0415

    text = (
        f"one evaluation on npu-sim may take {LIMITS.cpu_seconds:g} s of processor time, "
        f"{LIMITS.wall_seconds:g} s, {LIMITS.memory_bytes >> 30} GiB of memory, "
        f"files of {LIMITS.file_bytes >> 20} MiB, {LIMITS.processes} processes and "
        f"{LIMITS.output_bytes >> 20} MiB of output"
    )
    return Finding("limits", "ok", text, True)


def _optional() -> list[Finding]:
    found = []
    for part, module, extra in (
        ("torch", "torch", "torch"),
        ("triton", "triton", "triton"),
        ("docker client", "docker", "docker"),
        ("mcp", "mcp", "mcp"),
    ):
        if importlib.util.find_spec(module) is None:
            text = f"not installed; pip install 'kernelgepa[{extra}]'"
            found.append(Finding(part, "missing", text, False))
        else:
            found.append(Finding(part, "ok", importlib.metadata.version(module), False))
    cuda = ctypes.util.find_library("cuda")
    found.append(
        Finding("cuda driver", "ok" if cuda else "missing", cuda or "no NVIDIA driver", False)
    )
    engine = shutil.which("dockerd") or shutil.which("docker")
    text = engine or "no Docker engine"
    found.append(Finding("docker engine", "ok" if engine else "missing", text, False))
    return found
