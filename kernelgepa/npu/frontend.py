"""Candidate text -> optimised LLVM IR, or diagnostics. Runs inside the confined worker."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import messages, tool, toolchain
from kernelgepa.npu.messages import KERNEL_FILE, WRAPPER_FILE
from kernelgepa.task import Interface
from kernelgepa.verdict import Diagnostic, Stage

ENTRY = "__kg_entry"
API_HEADER = "aie_api/aie.hpp"
UTILITIES = "aie_kernel_utils.h"
SOURCE_BYTES = 256 * 1024
OVERLAY_FILE = "overlay.json"
COMPILE_SECONDS = 5  # of processor time; the slowest honest compile takes about 0.2 s
IR_BYTES = 8 << 20
DIAGNOSTICS = 20
# clang prints the outermost and innermost of a longer chain, and the candidate's own line between.
BACKTRACE = "-ftemplate-backtrace-limit=24"
C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "bfloat16": "bfloat16",
    "float32": "float",
}
# Host machine code has no meaning on the core, and aborts the process that would assemble it.
_ASM = re.compile(r"\b(?:asm|__asm__|__asm)\b")


@dataclass(frozen=True)
class Compiled:
    """Either IR text, or the stage that was not passed and why."""

    ir: str
    stage: Stage
    diagnostics: tuple[Diagnostic, ...]


def wrapper(interface: Interface) -> str:
    """The caller of the kernel: one call between two events, under the interface's rounding.

    Macros of the candidate end before it: none can rename or reorder what it does.
    """
    declared, passed = [], []
    for p in interface.parameters:
        star = "" if p.role == "scalar" else " *"
        declared.append(f"{C_TYPES[p.dtype]}{star} {p.name}_")
        passed.append(f"{p.name}_")
    body = (
        f'extern "C" void {ENTRY}({", ".join(declared)}) {{\n'
        f"  ::aie::set_rounding(::aie::rounding_mode::{interface.rounding});\n"
        "  event0();\n"
        f"  {interface.function}({', '.join(passed)});\n"
        "  event1();\n"
        "}\n"
    )
    words = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", body))
    undefined = "".join(f"#undef {word}\n" for word in words)
    return f'#include "{KERNEL_FILE}"\n#include <{API_HEADER}>\n{undefined}{body}'


def overlay(folder: Path, parsed: Path | None) -> str:
    """A view of the file system in which the compiler finds our headers and the two sources.

    Every other path does not exist for it: text can neither read host files nor find out which
    are there. The format is that of clang's -ivfsoverlay.
    """
    headers = str(toolchain.aie() / "include")
    roots: list[dict[str, str]] = [
        {"name": headers, "type": "directory-remap", "external-contents": headers}
    ]
    ours = [folder / KERNEL_FILE, folder / WRAPPER_FILE, *([parsed] if parsed else [])]
    for path in map(str, ours):
        roots.append({"name": path, "type": "file", "external-contents": path})
    # where kernels lie in a tree of their own, one folder below it: "../aie_kernel_utils.h"
    above = {"name": str(folder.parent / UTILITIES), "external-contents": f"{headers}/{UTILITIES}"}
    roots.append({"type": "file", **above})
    return json.dumps(
        {
            "version": 0,
            "case-sensitive": True,
            "redirecting-with": "redirect-only",
            "use-external-names": False,
            "roots": roots,
        }
    )


def refuse(source: str) -> Diagnostic | None:
    """A reason not to give this text to the compiler at all, or None."""
    if len(source.encode()) > SOURCE_BYTES:
        return Diagnostic(
            f"the source has more than {SOURCE_BYTES // 1024} KiB; a kernel is a page or two",
            code="source-size",
        )
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        return Diagnostic("NUL character in the source", line=line, code="source-text")
    found = _ASM.search(_without_comments(source))
    if found:
        line = source.count("\n", 0, found.start()) + 1
        return Diagnostic(
            "inline assembly is not available on the simulated core; use the AIE API or intrinsics",
            line=line,
            source=source.split("\n")[line - 1].strip()[:200],
            code="inline-assembly",
        )
    return None


def _without_comments(source: str) -> str:
    # Each alternative ends at the end of the text at the latest: what is never closed stays linear.
    # A ' after a letter or digit parts the digits of a number, or follows a prefix such as u8.
    pattern = (
        r'//[^\n]*|/\*.*?(?:\*/|\Z)|\bu?8?[LUR]{0,2}R"(?P<d>[^()\\\s"]{0,16})\(.*?(?:\)(?P=d)"|\Z)'
        r'|"(?:\\.|[^"\\\n])*"?'
        r"|(?<!\w)(?:u8?|[UL])?'(?:\\.|[^'\\\n])*'?"
    )
    return re.sub(pattern, lambda m: " " * len(m.group()), source, flags=re.DOTALL)


def includes_api(source: str) -> bool:
    """Whether a line of the text includes <aie_api/aie.hpp>.

    Then the header is read before the text, so that a parsed copy of it serves and a macro such
    as `#define N 16` above the include does not reach into it.
    """
    plain = re.sub(r"//[^\n]*|/\*.*?(?:\*/|\Z)", " ", source, flags=re.DOTALL)
    return re.search(rf"^[ \t]*#[ \t]*include[ \t]*<{API_HEADER}>", plain, re.MULTILINE) is not None


def compile_kernel(
    source: str, interface: Interface, folder: Path, parsed: Path | None = None
) -> Compiled:
    """Compiles in `folder`, a scratch directory. `parsed`: precompiled <aie_api/aie.hpp>.

    Raises InfrastructureError where `parsed` is not there: that is no fault of the kernel's.
    """
    reason = refuse(source)
    if reason:
        return Compiled("", Stage.REFUSED, (reason,))
    (folder / KERNEL_FILE).write_text(source, encoding="utf-8", errors="replace")
    (folder / WRAPPER_FILE).write_text(wrapper(interface), encoding="utf-8")
    api = includes_api(source)
    used = parsed if api else None
    (folder / OVERLAY_FILE).write_text(overlay(folder.resolve(), used), encoding="utf-8")
    output = folder / "kernel.ll"
    done = tool.run(
        [
            *toolchain.compile_command(WRAPPER_FILE, output.name),
            BACKTRACE,
            "-ivfsoverlay",
            OVERLAY_FILE,
            *_first_header(api, used),
        ],
        COMPILE_SECONDS,
        folder,
    )
    if done.late:
        note = Diagnostic(
            f"the compiler did not finish within {COMPILE_SECONDS} s of processor time",
            code="compile-time",
        )
        return Compiled("", Stage.COMPILE, (note,))
    text = _without_folders(done.stderr.decode("utf-8", "replace"), folder)
    found = messages.diagnostics(text, source, _called(interface))[:DIAGNOSTICS]
    if done.code != 0:
        if used is not None and not used.is_file():
            raise InfrastructureError(f"{used} is gone from the cache; it is made when begun again")
        if not any(d.severity == "error" for d in found):
            crash = Diagnostic("the compiler stopped without a message", code="compiler-crash")
            found = (crash, *found)
        return Compiled("", Stage.COMPILE, found)
    found = tuple(d for d in found if d.severity != "error")  # only a message's text says so
    if output.stat().st_size > IR_BYTES:
        big = Diagnostic("the compiled kernel is far larger than 16 KB of program memory")
        return Compiled("", Stage.BUILD, (big, *found))
    return Compiled(output.read_text(encoding="utf-8", errors="replace"), Stage.CORRECT, found)


def _without_folders(text: str, folder: Path) -> str:
    """The compiler's output without the names of folders of this machine, whatever they hold."""
    for place in (toolchain.aie() / "include", folder.resolve(), folder, toolchain.zig().parent):
        text = text.replace(f"{place}/", "")
    return text


def _first_header(api: bool, parsed: Path | None) -> list[str]:
    if parsed is not None:
        return toolchain.with_precompiled(parsed)
    return ["-include", API_HEADER] if api else []


def _called(interface: Interface) -> str:
    kinds = ", ".join(
        C_TYPES[p.dtype] + ("" if p.role == "scalar" else "*") for p in interface.parameters
    )
    return f"the kernel is called as {interface.function}({kinds})"
