"""wasm32 IR text -> object -> module. Holds llvmlite; untrusted text only inside a worker."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import tool, toolchain

if TYPE_CHECKING:
    from llvmlite.binding import TargetMachine

FEATURES = "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext,+mutable-globals"
PAGES = 64  # of 64 KiB
STACK_BYTES = 0x10000
LINK_SECONDS = 5  # of processor time
_PLACE = re.compile(r"^LLVM IR parsing error <string>:\d+:\d+: error: ")


class NotGenerated(Exception):
    """LLVM or the linker refused the module; the message says why."""


@cache
def _machine(level: int) -> TargetMachine:
    import llvmlite.binding as llvm  # noqa: PLC0415

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple("wasm32-unknown-unknown")
    return target.create_target_machine(features=FEATURES, opt=level, reloc="static")


def emit_object(ir: str, level: int = 1) -> bytes:
    """A wasm32 object file of the IR. Raises NotGenerated where the IR is not valid."""
    import llvmlite.binding as llvm  # noqa: PLC0415

    machine = _machine(level)
    try:
        module = llvm.parse_assembly(ir)
        module.verify()
    except RuntimeError as error:
        said = _PLACE.sub("", " ".join(str(error).split()))[:300]
        raise NotGenerated(f"the simulator cannot run this form of code: {said}") from error
    emitted: bytes = machine.emit_object(module)
    return emitted


def link(objects: Sequence[Path], exports: Iterable[str], folder: Path) -> bytes:
    """Links to one wasm module with a memory of PAGES pages. Raises NotGenerated.

    The memory is the module's own: an imported one would have to be cleared, page by page, by the
    module itself.
    """
    response = folder / "link.rsp"
    output = folder / "kernel.wasm"
    response.write_text(
        "\n".join(
            [
                "--no-entry",
                "--export-memory=__kg_memory",
                f"--initial-memory={PAGES << 16}",
                f"--max-memory={PAGES << 16}",
                "--stack-first",
                "-z",
                f"stack-size={STACK_BYTES}",
                "--fatal-warnings",
                "--error-limit=5",
                *(f"--export={name}" for name in exports),
                *(f'"{path}"' for path in objects),
                "-o",
                f'"{output}"',
            ]
        )
    )
    done = tool.run([str(toolchain.zig()), "wasm-ld", f"@{response}"], LINK_SECONDS)
    if done.late:
        raise NotGenerated("the linker did not finish")
    if done.code != 0:
        message = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NotGenerated(_reason(message))
    return output.read_bytes()


def _reason(lines: list[str]) -> str:
    for line in lines:
        if "undefined symbol:" in line:
            return f"undefined symbol: {line.split('undefined symbol:')[1].strip()}"
        if "function signature mismatch:" in line:
            name = line.split("function signature mismatch:")[1].strip()
            return f"{name} is declared with another signature than its definition"
        if "duplicate symbol:" in line:
            return f"duplicate symbol: {line.split('duplicate symbol:')[1].strip()}"
    if not lines:
        raise InfrastructureError("the linker failed without a message")
    return "the linker refused the module"
