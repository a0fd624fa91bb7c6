"""Defects made in a kernel's source: its function is renamed and called by one that spoils it.

Nothing here knows a task: types, sizes and values come from its interface and workloads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kernelgepa.npu.frontend import C_TYPES
from kernelgepa.task import ITEM_BYTES, Parameter, Task, Workload
from kernelgepa.tasks.arrays import Array, dtype, is_float
from kernelgepa.tasks.checking import inputs_of
from kernelgepa.tasks.reference import OracleReference
from kernelgepa.verdict import Stage

CALL = "HONEST;"
VECTOR_BYTES = 32
SHARE = 6


@dataclass(frozen=True)
class Defect:
    """`body` is the spoiling function's; CALL stands for the call of the honest kernel."""

    kind: str
    of: str  # the parameter it is made in
    body: str
    stage: Stage
    code: str = ""  # of the trap
    always: bool = False  # made in every task: what the task's own values and tolerances must see


def chosen(task: Task, turn: int) -> list[Defect]:
    """What every task gets and a share of the rest, another one by `turn`."""
    made = list(defects(task))
    rest = [d for d in made if not d.always]
    return [d for d in made if d.always] + rest[turn % SHARE :: SHARE]


def spoiled(task: Task, source: str, defect: Defect) -> str:
    """The source with a defect, called as before."""
    interface = task.interface
    declared, passed = [], []
    for p in interface.parameters:
        star = "" if p.role == "scalar" else "*"
        declared.append(f"{C_TYPES[p.dtype]} {star}{p.name}")
        passed.append(p.name)
    honest = f"kg_honest({', '.join(passed)})"
    return (
        f"#define {interface.function} kg_honest\n{source}\n#undef {interface.function}\n"
        f"void {interface.function}({', '.join(declared)}) {{\n"
        f"{_sizes(task)}{defect.body.replace(CALL, honest + ';')}\n}}\n"
    )


def elements(workload: Workload, name: str) -> int:
    return int(np.prod(workload.shapes[name], dtype=np.int64))


def _sizes(task: Task) -> str:
    """`int kg_n_NAME` for every buffer, by the scalars the workloads have."""
    lines = []
    for p in task.interface.parameters:
        if p.role == "scalar":
            continue
        value = str(elements(task.workloads[0], p.name))
        for w in task.workloads[1:]:
            size = elements(w, p.name)
            same = " && ".join(f"(float){n} == {float(v)!r}f" for n, v in w.scalars.items())
            if str(size) != value:
                value = f"({same or '1'}) ? {size} : ({value})"
        lines.append(f"  int kg_n_{p.name} = {value};\n")
    return "".join(lines)


def _most(task: Task, name: str) -> int:
    return max(elements(w, name) for w in task.workloads)


def defects(task: Task) -> Iterator[Defect]:
    """Every defect that changes something of this task, for every output."""
    for p in task.interface.of_role("out"):
        yield from _of_elements(task, p)
        yield from _of_the_whole(task, p)
        yield from _of_memory(task, p)
    for p in task.interface.of_role("in"):
        flip = f"{CALL} ((uint8_t *){p.name})[kg_n_{p.name} / 2] ^= 1;"
        yield Defect("changes an input", p.name, flip, Stage.RUN, "input-changed")


def _step(task: Task, p: Parameter, at: str) -> str:
    """The smallest change that matters: one, or a little more than the tolerance."""
    if not is_float(p.dtype):
        return f"{p.name}[{at}] = {p.name}[{at}] + 1;"
    atol = max(w.tolerance.atol for w in task.workloads)
    rtol = max(w.tolerance.rtol for w in task.workloads)
    # A bfloat16 has steps of up to 1/128; rounding must not bring it back.
    more = 0.01 if p.dtype == "bfloat16" else 0.0
    kind = C_TYPES[p.dtype]
    return (
        f"float kg_v = (float){p.name}[{at}]; "
        f"{p.name}[{at}] = ({kind})(kg_v + (kg_v < 0 ? -1.0f : 1.0f) * "
        f"{1.05 * atol:.9f}f + kg_v * {1.05 * rtol + more:.9f}f);"
    )


def _of_elements(task: Task, p: Parameter) -> Iterator[Defect]:
    n = f"kg_n_{p.name}"
    places = {"first": "0", "middle": f"{n} / 2", "last": f"{n} - 1"}
    if _most(task, p.name) == 1:
        places = {"only": "0"}
    for place, at in places.items():
        body = f"{CALL} {{ {_step(task, p, at)} }}"
        kind = f"the {place} element is off by a step"
        yield Defect(kind, p.name, body, Stage.COMPARE, always=place in ("middle", "only"))
    middle = f"{p.name}[{n} / 2]"
    if is_float(p.dtype):
        kind = C_TYPES[p.dtype]
        for word, value in (("NaN", '__builtin_nanf("")'), ("Inf", "__builtin_inff()")):
            body = f"{CALL} {middle} = ({kind}){value};"
            yield Defect(f"one {word}", p.name, body, Stage.COMPARE)


def _of_the_whole(task: Task, p: Parameter) -> Iterator[Defect]:
    n, each = f"kg_n_{p.name}", f"for (int i = 0; i < kg_n_{p.name}; i++)"
    kind = C_TYPES[p.dtype]
    values = _example(task)[p.name].reshape(-1)
    body = f"{CALL} {each} {p.name}[i] = ({kind})0;"
    yield Defect("zeros", p.name, body, Stage.COMPARE, always=True)
    constant = _usual(values)
    shown = f"{constant!r}f" if is_float(p.dtype) else str(int(constant))
    body = f"{CALL} {each} {p.name}[i] = ({kind})({shown});"
    yield Defect("a constant", p.name, body, Stage.COMPARE, always=True)
    table = ", ".join(str(b) for b in values.tobytes())
    body = (
        f"{CALL} static const uint8_t kg_table[] = {{{table}}};\n"
        f"__builtin_memcpy({p.name}, kg_table, {n} * {ITEM_BYTES[p.dtype]} < "
        f"{values.nbytes} ? {n} * {ITEM_BYTES[p.dtype]} : {values.nbytes});"
    )
    yield Defect("one right output", p.name, body, Stage.COMPARE, always=True)
    if _most(task, p.name) > 1:
        body = (
            f"{CALL} {kind} kg_first = {p.name}[0]; for (int i = 0; i + 1 < {n}; i++) "
            f"{p.name}[i] = {p.name}[i + 1]; {p.name}[{n} - 1] = kg_first;"
        )
        yield Defect("shifted by one", p.name, body, Stage.COMPARE)


def _of_memory(task: Task, p: Parameter) -> Iterator[Defect]:
    n, kind, most = f"kg_n_{p.name}", C_TYPES[p.dtype], _most(task, p.name)
    lanes = VECTOR_BYTES // ITEM_BYTES[p.dtype]
    kept = f"static {kind} kg_kept[{most}];"
    for what, count in (("last element", 1), ("last vector", lanes), ("whole", most)):
        if count <= most and not (what == "whole" and most == 1):
            start = f"({n} > {count} ? {n} - {count} : 0)"
            loop = f"for (int i = {start}; i < {n}; i++)"
            saved, put_back = f"kg_kept[i] = {p.name}[i]", f"{p.name}[i] = kg_kept[i]"
            body = f"{kept} {loop} {saved}; {CALL} {loop} {put_back};"
            name = f"the {what} is not written"
            yield Defect(name, p.name, body, Stage.RUN, "poison")
    each = f"for (int i = 0; i < {n}; i++)"
    body = (
        f"{kept} static int kg_done; {CALL} if (!kg_done) {{ kg_done = 1; {each} kg_kept[i] = "
        f"{p.name}[i]; }} else {{ {each} {p.name}[i] = kg_kept[i]; }}"
    )
    yield Defect("remembered from the first call", p.name, body, Stage.RUN, "state")
    for place, at in (("behind", n), ("before", "-1")):
        body = f"{CALL} {p.name}[{at}] = {p.name}[0];"
        yield Defect(f"writes {place}", p.name, body, Stage.RUN, "out-of-bounds")
    for q in task.interface.of_role("in"):
        behind = f"((uint8_t *){q.name})[kg_n_{q.name} * {ITEM_BYTES[q.dtype]}]"
        body = f"{CALL} {p.name}[0] = ({kind}){behind};"
        yield Defect("depends on what lies behind an input", p.name, body, Stage.RUN, "poison")


def _example(task: Task) -> Mapping[str, Array]:
    """Right outputs for some inputs of the first workload."""
    if isinstance(task.reference, OracleReference):
        return task.reference.recorded_outputs
    workload = task.workloads[0]
    _, inputs = next(inputs_of(task, workload))
    made = task.reference.outputs(workload, inputs)
    return {p.name: made[p.name].astype(dtype(p.dtype)) for p in task.interface.of_role("out")}


def _usual(values: Array) -> float:
    """The value a constant kernel is most often right with."""
    wide = values.astype(np.float64)
    found, counts = np.unique(wide, return_counts=True)
    return float(found[counts.argmax()] if counts.max() > 1 else np.median(wide))
