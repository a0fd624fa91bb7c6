"""One evaluation on the simulated NPU, in this process: compile, schedule, lower, link, run.

The product calls it inside a confined worker (kernelgepa.npu.worker); tests of trusted kernels may
call `execute_here`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import codegen, tile
from kernelgepa.npu.forbidden import Refused, check_pointers
from kernelgepa.npu.frontend import ENTRY, compile_kernel
from kernelgepa.npu.ir import IrTooLarge, Module, parse
from kernelgepa.npu.lower import Lowered, lower
from kernelgepa.npu.model import (
    CostTable,
    NoRow,
    NotModelled,
    Schedule,
    analyse,
    copied,
    profile,
    program_bytes,
    stack_bytes,
)
from kernelgepa.npu.oplib import precompiled
from kernelgepa.npu.restrict import AliasClasses
from kernelgepa.npu.subregister import subregisters
from kernelgepa.npu.toolchain import aie
from kernelgepa.protocols import Case, CaseResult, Execution
from kernelgepa.task import ITEM_BYTES, Interface
from kernelgepa.verdict import Diagnostic, Stage

POISON_BYTES = 5
SHIFT = 7 * 64  # of the buffers in the second call
# Each block ends in a jump with its delay slots: more than 8 bytes in the smallest encoding.
BLOCKS = 2000
PROGRAM_BYTES = 16 * 1024


@dataclass(frozen=True)
class Linked:
    """A linked module as data: what is needed to run it again without compiling it again."""

    binary: bytes
    counters: tuple[str, ...]
    site_lines: tuple[int | None, ...]
    mutable: tuple[tuple[str, int], ...]
    constant_bytes: int


@dataclass(frozen=True)
class Built:
    linked: Linked
    module: tile.Module
    schedule: Schedule | None  # None where nothing was compiled here, so nothing can be profiled
    blocks: tuple[tuple[str, int], ...]  # what each counter counts, as the profile wants it


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
    return execute_and_keep(source, interface, cases, folder, library)[0]


def execute_and_keep(
    source: str,
    interface: Interface,
    cases: Sequence[Case],
    folder: Path,
    library: Sequence[Path],
) -> tuple[Execution, Linked | None]:
    """As `execute`; also what was linked, for `execute_again`."""
    compiled = compile_kernel(source, interface, folder, precompiled(library))
    if not compiled.ir:
        return Execution(compiled.stage, compiled.diagnostics, ()), None
    try:
        built = build(compiled.ir, folder, library, interface.stack_bytes)
    except Unplaceable as reason:
        return Execution(Stage.BUILD, (*reason.diagnostics, *compiled.diagnostics), ()), None
    return _run(built, interface, cases, compiled.diagnostics), built.linked


def execute_again(linked: Linked, interface: Interface, cases: Sequence[Case]) -> Execution:
    """Runs cases that want no profile on what was linked before, of the same source."""
    if any(case.profile for case in cases):
        raise InfrastructureError("a profile needs the schedule, which is not kept")
    return _run(Built(linked, _load(linked), None, ()), interface, cases, ())


def _run(
    built: Built, interface: Interface, cases: Sequence[Case], notes: tuple[Diagnostic, ...]
) -> Execution:
    results = run_cases(built, interface, cases)
    trapped = any(r.diagnostics for r in results)
    return Execution(Stage.RUN if trapped else Stage.COMPARE, notes, results)


def build(ir: str, folder: Path, library: Sequence[Path], limit: int) -> Built:
    """Schedule and wasm module of optimised IR; at most `limit` bytes of stack.

    Raises Unplaceable.
    """
    ir = subregisters(ir)
    try:
        parsed = parse(ir)
        blocks = sum(len(function.blocks) for function in parsed.functions.values())
        if blocks > BLOCKS:
            raise IrTooLarge(
                f"the compiled kernel has {blocks} basic blocks; 16 KB of program memory hold "
                f"fewer than {BLOCKS}"
            )
        check_pointers(ir)
        lowered = lower(ir, parsed, AliasClasses(ir))
        schedule = analyse(parsed, ENTRY, CostTable.load(aie() / "aie2.toml"))
    except IrTooLarge as big:
        raise Unplaceable(Diagnostic(str(big), code="program-memory")) from big
    except Refused as refused:
        text = f"the simulated core has no {refused.construct}"
        if refused.construct.startswith(("a ", "an ", "the ", "more ", "code ")):
            text = f"not available on the simulated core: {refused.construct}"
        raise Unplaceable(Diagnostic(text, line=refused.line, code="unsupported")) from refused
    except NoRow as missing:  # a kernel may declare an operation that nobody has
        text = f"not available on the simulated core: {missing}"
        raise Unplaceable(Diagnostic(text, code="unsupported")) from missing
    except RecursionError as deep:
        text = "the compiled kernel nests types or calls deeper than the simulator reads"
        raise Unplaceable(Diagnostic(text, code="unsupported")) from deep
    except NotModelled as reason:
        text = f"not modelled: the cost table has no price for {reason.what}"
        raise Unplaceable(Diagnostic(text, line=reason.line, code="not-modelled")) from reason
    _check_limits(schedule, parsed, lowered, limit)
    try:
        linked = _link(lowered, folder, library)
        module = _load(linked)
    except codegen.NotGenerated as reason:
        raise Unplaceable(Diagnostic(str(reason), code="link")) from reason
    entries = [(lowered.blocks[i][0], ~lowered.blocks[i][1]) for i in lowered.entered]
    bytes_ = [(copied(lowered.blocks[i][0]), lowered.blocks[i][1]) for i in lowered.copied]
    return Built(linked, module, schedule, (*lowered.blocks, *entries, *bytes_))


def _check_limits(schedule: Schedule, parsed: Module, lowered: Lowered, limit: int) -> None:
    """Raises Unplaceable where stack, data memory or program memory do not suffice."""
    stack = stack_bytes(schedule)
    if stack is None:
        raise Unplaceable(
            Diagnostic("recursion: the depth of the stack cannot be bounded", code="stack")
        )
    if stack > limit:
        raise Unplaceable(
            Diagnostic(
                f"the kernel needs {stack} bytes of stack, the core has {limit} (static); "
                "make large arrays static const or smaller",
                code="stack",
            )
        )
    variables = lowered.constant_bytes + sum(size for _, size in lowered.mutable_globals)
    if variables > tile.DATA_MEMORY:
        raise Unplaceable(
            Diagnostic(
                f"tables and variables need {variables} bytes of {tile.DATA_MEMORY}",
                code="data-memory",
            )
        )
    program = program_bytes(schedule, parsed)
    if program > PROGRAM_BYTES:
        raise Unplaceable(
            Diagnostic(
                f"the kernel needs at least {program} bytes of program memory, the core has "
                f"{PROGRAM_BYTES}; unroll less",
                code="program-memory",
            )
        )


def _link(lowered: Lowered, folder: Path, library: Sequence[Path]) -> Linked:
    compiled = folder / "kernel.o"
    compiled.write_bytes(codegen.emit_object(lowered.text))
    counters = [f"__kg_c{i}" for i in range(len(lowered.blocks))]
    counters += [f"__kg_e{i}" for i in lowered.entered]
    counters += [f"__kg_b{i}" for i in lowered.copied]
    exports = [ENTRY, *counters, *(n for n, _ in lowered.mutable_globals)]
    return Linked(
        codegen.link([compiled, *library], exports, folder),
        tuple(counters),
        lowered.site_lines,
        lowered.mutable_globals,
        lowered.constant_bytes,
    )


def _load(linked: Linked) -> tile.Module:
    import wasmtime  # noqa: PLC0415

    engine = tile.engine()
    try:
        module = wasmtime.Module(engine, linked.binary)
    except wasmtime.WasmtimeError as error:
        raise codegen.NotGenerated("the tile cannot load the compiled kernel") from error
    return tile.Module(engine, module, linked.counters, linked.site_lines, linked.mutable)


def run_cases(built: Built, interface: Interface, cases: Sequence[Case]) -> tuple[CaseResult, ...]:
    """Calls the kernel twice on every case, under different poison and at different addresses.

    The first call has a tile of its own. The second finds the kernel's variables and the core's
    modes as another case's call left them. What differs between the two is a trap: "poison", or
    "state" where it is what was left.
    """
    calls = [_first_call(built, interface, case) for case in cases]
    if not calls:
        return ()
    befores = [_misled(interface, cases, calls), *calls[:-1]]
    return tuple(
        call if isinstance(call, CaseResult) else _judged(built, interface, case, call, before)
        for case, call, before in zip(cases, calls, befores, strict=True)
    )


def _misled(
    interface: Interface, cases: Sequence[Case], calls: Sequence[_Call | CaseResult]
) -> _Call | CaseResult:
    """The last case's call, and after it one at the second call's addresses whose inputs are half
    the first case's.

    What a kernel keeps of a call may be found again by addresses or by some of the inputs.
    """
    last = calls[-1]
    like = [c for c in cases[1:] if _sizes(c) == _sizes(cases[0])]
    if not like or isinstance(last, CaseResult):
        return last
    items = {p.name: ITEM_BYTES[p.dtype] for p in interface.of_role("in")}
    mixed = {n: _mixed(own, like[-1].inputs[n], items[n]) for n, own in cases[0].inputs.items()}
    case = replace(cases[0], inputs=mixed)
    run = last.instance.run(interface, case, poisons(case)[0], SHIFT)
    # These inputs may be none the kernel can take; where it stopped half way says nothing of it.
    return CaseResult(case.name, run.outputs, (run.trap,)) if run.trap else last


def _sizes(case: Case) -> list[int]:
    return [*map(len, case.inputs.values()), *case.output_bytes.values()]


def _mixed(own: bytes, other: bytes, item: int) -> bytes:
    """Every second element and the last of `own`, the others of `other`."""
    made = bytearray(own)
    for at in range(item, len(own) - item, 2 * item):
        made[at : at + item] = other[at : at + item]
    return bytes(made)


@dataclass(frozen=True)
class _Call:
    instance: tile.Tile
    run: tile.TileRun


def _first_call(built: Built, interface: Interface, case: Case) -> _Call | CaseResult:
    """The call, or the result where nothing more is to be found out."""
    used = data_bytes(built, interface, case)
    if used > tile.DATA_MEMORY:
        big = Diagnostic(
            f"buffers, variables and stack need {used} bytes of {tile.DATA_MEMORY}",
            code="data-memory",
        )
        return CaseResult(case.name, {}, (big,))
    fresh = tile.Tile(built.module)
    run = fresh.run(interface, case, poisons(case)[0])
    return CaseResult(case.name, run.outputs, (run.trap,)) if run.trap else _Call(fresh, run)


def _judged(
    built: Built, interface: Interface, case: Case, call: _Call, before: _Call | CaseResult
) -> CaseResult:
    used = tile.Tile(built.module) if isinstance(before, CaseResult) else before.instance
    second = used.run(interface, case, poisons(case)[1], SHIFT)
    notes = _differences(built, interface, case, call.run, second)
    made = None
    if case.profile and built.schedule is not None:
        made = profile(built.schedule, dict(zip(built.blocks, call.run.counts, strict=True)))
    return CaseResult(case.name, call.run.outputs, notes, made)


def poisons(case: Case) -> tuple[bytes, bytes]:
    """Two fillings that differ in every byte and cannot be foreseen.

    What depends on them was not written, or was read outside the kernel's inputs.
    """
    drawn = hashlib.blake2b(case.name.encode(), digest_size=POISON_BYTES)
    for data in case.inputs.values():
        drawn.update(data)
    return drawn.digest(), bytes(255 - byte for byte in drawn.digest())


def _differences(
    built: Built, interface: Interface, case: Case, first: tile.TileRun, second: tile.TileRun
) -> tuple[Diagnostic, ...]:
    """Why two calls did not leave the same, and what they changed that is not theirs."""
    if second.trap or _wrong_bytes(first, second):
        anew = tile.Tile(built.module).run(interface, case, poisons(case)[1], SHIFT)
        if anew.trap:
            return (anew.trap,)
        poisoned = _wrong_bytes(first, anew)
        if poisoned:
            name, count, at = poisoned
            text = (
                f"{count} bytes of {name} (the first at byte {at}) depend on memory the kernel was "
                "not given, on variables never set, or on addresses: not written, or read before "
                "being written"
            )
            return (Diagnostic(text, code="poison"),)
        text = "a later call differs from the first: the kernel finds what an earlier call left in "
        return (Diagnostic(text + "its static variables or in the core's modes", code="state"),)
    if first.changed:
        text = f"the kernel changes its input {first.changed[0]}; inputs are only to be read"
        return (Diagnostic(text, code="input-changed"),)
    return ()


def data_bytes(built: Built, interface: Interface, case: Case) -> int:
    """Bytes of data memory: buffers, the kernel's variables, the stack."""
    buffers = sum(p.size for p in tile.layout(interface, case))
    variables = sum(size for _, size in built.linked.mutable)
    return buffers + variables + built.linked.constant_bytes + interface.stack_bytes


def _wrong_bytes(first: tile.TileRun, second: tile.TileRun) -> tuple[str, int, int] | None:
    """The first output that differs: its name, in how many bytes, the first of them."""
    for name, left in first.outputs.items():
        right = second.outputs[name]
        if left == right:
            continue
        wrong = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
        if wrong:
            return name, len(wrong), wrong[0]
    return None
