"""One evaluation on the simulated NPU, in this process: compile, schedule, lower, link, run.

The product calls it inside a confined worker (kernelgepa.npu.worker); tests of trusted kernels may
call `execute_here`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.npu import codegen, tile
from kernelgepa.npu.frontend import ENTRY, compile_kernel
from kernelgepa.npu.ir import IrTooLarge, parse
from kernelgepa.npu.lower import Lowered, Refused, lower
from kernelgepa.npu.model import CostTable, Schedule, analyse, profile, stack_bytes
from kernelgepa.npu.restrict import AliasClasses
from kernelgepa.npu.toolchain import aie
from kernelgepa.protocols import Case, CaseResult, Execution
from kernelgepa.task import Interface
from kernelgepa.verdict import Diagnostic, Stage

# Two fillings that differ in every byte: what depends on them was not written, or was read
# outside the kernel's inputs.
POISON = (b"\xa5\x5a\xc3\x3c\x99", b"\x5a\xa5\x3c\xc3\x66")
STACK_LIMIT = 1024


@dataclass(frozen=True)
class Built:
    module: tile.Module
    schedule: Schedule
    blocks: tuple[tuple[str, int], ...]  # what each counter counts; ~block: entries of a loop
    stack: int
    constant_bytes: int


class Unplaceable(Exception):
    """Compiled, but cannot be placed on the tile."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def execute_here(source: str, interface: Interface, cases: Sequence[Case]) -> Execution:
    """Compiles and runs in this process, in a temporary folder. For trusted text only."""
    from kernelgepa.npu.oplib import library  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="kernelgepa-") as folder:
        return execute(source, interface, cases, Path(folder), library())


def execute(
    source: str,
    interface: Interface,
    cases: Sequence[Case],
    folder: Path,
    library: Sequence[Path],
) -> Execution:
    """Compiles in `folder`, links with `library`, runs every case."""
    compiled = compile_kernel(source, interface, folder)
    if not compiled.ir:
        return Execution(compiled.stage, compiled.diagnostics, ())
    try:
        built = build(compiled.ir, folder, library)
    except Unplaceable as reason:
        return Execution(Stage.BUILD, (*reason.diagnostics, *compiled.diagnostics), ())
    results = tuple(run_case(built, interface, case) for case in cases)
    trapped = any(r.diagnostics for r in results)
    return Execution(Stage.RUN if trapped else Stage.COMPARE, compiled.diagnostics, results)


def build(ir: str, folder: Path, library: Sequence[Path]) -> Built:
    """Schedule and wasm module of optimised IR. Raises Unplaceable."""
    try:
        parsed = parse(ir)
        schedule = analyse(ir, ENTRY, CostTable.load(aie() / "aie2.toml"))
        lowered = lower(ir, parsed, AliasClasses(ir))
    except IrTooLarge as big:
        raise Unplaceable(Diagnostic(str(big), code="program-memory")) from big
    except Refused as refused:
        text = f"the simulated core has no {refused.construct}"
        if refused.construct.startswith(("a ", "an ", "the ", "more ", "code ")):
            text = f"not available on the simulated core: {refused.construct}"
        raise Unplaceable(
            Diagnostic(text, line=refused.line, code="unsupported")
        ) from refused
    stack = stack_bytes(schedule)
    if stack is None:
        raise Unplaceable(
            Diagnostic("recursion: the depth of the stack cannot be bounded", code="stack")
        )
    if stack > STACK_LIMIT:
        raise Unplaceable(
            Diagnostic(
                f"the kernel needs {stack} bytes of stack, the core has {STACK_LIMIT} (static); "
                "make large arrays static const or smaller",
                code="stack",
            )
        )
    try:
        module = _module(lowered, folder, library)
    except codegen.NotGenerated as reason:
        raise Unplaceable(Diagnostic(str(reason), code="link")) from reason
    keys = [*lowered.blocks, *((lowered.blocks[i][0], ~lowered.blocks[i][1]) for i in lowered.entered)]
    return Built(module, schedule, tuple(keys), stack, lowered.constant_bytes)


def _module(lowered: Lowered, folder: Path, library: Sequence[Path]) -> tile.Module:
    import wasmtime  # noqa: PLC0415

    compiled = folder / "kernel.o"
    compiled.write_bytes(codegen.emit_object(lowered.text))
    counters = [f"__kg_c{i}" for i in range(len(lowered.blocks))]
    counters += [f"__kg_e{i}" for i in lowered.entered]
    exports = [ENTRY, "__kg_permission", *counters, *(n for n, _ in lowered.mutable_globals)]
    binary = codegen.link([compiled, *library], exports, folder)
    engine = tile.engine()
    try:
        module = wasmtime.Module(engine, binary)
    except wasmtime.WasmtimeError as error:
        raise codegen.NotGenerated("the kernel is too large for the tile") from error
    return tile.Module(engine, module, tuple(counters), lowered.site_lines, lowered.mutable_globals)


def run_case(built: Built, interface: Interface, case: Case) -> CaseResult:
    """Runs one case twice under different poison; a difference is a trap of its own."""
    used = data_bytes(built, interface, case)
    if used > tile.DATA_MEMORY:
        big = Diagnostic(
            f"buffers, variables and stack need {used} bytes of {tile.DATA_MEMORY}",
            code="data-memory",
        )
        return CaseResult(case.name, {}, (big,))
    first = tile.Tile(built.module).run(interface, case, POISON[0])
    if first.trap:
        return CaseResult(case.name, first.outputs, (first.trap,))
    second = tile.Tile(built.module).run(interface, case, POISON[1])
    if second.trap:
        return CaseResult(case.name, first.outputs, (second.trap,))
    poisoned = _poisoned(first.outputs, second.outputs)
    counts = dict(zip(built.blocks, first.counts, strict=True))
    return CaseResult(
        case.name,
        first.outputs,
        (poisoned,) if poisoned else (),
        profile(built.schedule, counts) if case.profile and not poisoned else None,
    )


def data_bytes(built: Built, interface: Interface, case: Case) -> int:
    """Bytes of data memory: buffers, the kernel's variables, the stack."""
    buffers = sum(p.size for p in tile.layout(interface, case))
    variables = sum(size for _, size in built.module.mutable)
    return buffers + variables + built.constant_bytes + STACK_LIMIT


def _poisoned(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> Diagnostic | None:
    for name, left in first.items():
        right = second[name]
        wrong = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
        if wrong:
            return Diagnostic(
                f"{len(wrong)} bytes of {name} (the first at byte {wrong[0]}) depend on memory the "
                "kernel was not given: not written, or read before being written",
                code="poison",
            )
    return None
