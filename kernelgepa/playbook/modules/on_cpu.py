"""A ModelNew for a CPU: kernels in C++ compiled when it is loaded, the rest left to torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kernelgepa.playbook.modules import cpp, rewriting
from kernelgepa.playbook.modules.fusing import Fused, fuse
from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.playbook.modules.regions import Region
from kernelgepa.playbook.modules.schedule import schedule

_HEAD = '''\
import ctypes
import operator
import math
import os
import shutil
import subprocess
import sys
import tempfile
import torch

SOURCE = r"""
SOURCE_TEXT"""
FLAGS = FLAG_LIST


def _compiled():
    """The kernels, compiled by the first compiler that works."""
    tools = [[t] for t in (os.environ.get("CXX"), "c++", "g++", "clang++") if t and shutil.which(t)]
    said = "no C++ compiler was found"
    with tempfile.TemporaryDirectory() as place:
        made = os.path.join(place, "kernels.so")
        with open(os.path.join(place, "kernels.cpp"), "w") as file:
            file.write(SOURCE)
        for tool in [*tools, [sys.executable, "-m", "ziglang", "c++"]]:
            for threads in ("-fopenmp", "-fopenmp-simd"):
                command = [*tool, *FLAGS, threads, file.name, "-o", made]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode == 0:
                    return ctypes.CDLL(made)
                said = done.stderr[-2000:]
    raise RuntimeError("the kernels could not be compiled: " + said)


KERNELS = _compiled()
PLANS = {}  # what follows from shapes alone


def _plan(name, over, shapes, leaves, outputs):
    """Sizes and strides of a launch, and which tensors must be spread over the columns first."""
    ends = [(1,) * over if kind == "squeezed" else () for kind in leaves]
    metas = [torch.empty(s + e, device="meta") for s, e in zip(shapes, ends)]
    shape = torch.broadcast_shapes(*(m.shape for m in metas))
    rows, columns = shape[: len(shape) - over], shape[len(shape) - over :]
    strides, spread = [], {}
    for index, (meta, kind) in enumerate(zip(metas, leaves)):
        if kind == "full" and meta.shape[-over:] != columns:
            spread[index] = meta.shape[:-over] + columns
            meta = meta.new_empty(spread[index])
        wide = meta.expand(rows + (columns if kind == "full" else (1,) * over))
        strides += wide.stride()[: len(rows)]
    results = [rows + {"full": columns, "row": (1,) * over, "squeezed": ()}[k] for k in outputs]
    function = getattr(KERNELS, name)
    function.argtypes = [ctypes.c_void_p] * 4 + [ctypes.c_int, ctypes.c_int64, ctypes.c_int]
    sizes = (ctypes.c_int64 * len(rows))(*rows)
    steps = (ctypes.c_int64 * len(strides))(*strides)
    small = shape.numel() <= 32768
    return function, spread, results, (sizes, steps, len(rows), columns.numel()), small


def _launch(name, over, tensors, leaves, outputs):
    """Runs a kernel. leaves and outputs: "full", "row" or "squeezed" for each tensor."""
    for index, tensor in enumerate(tensors):
        if tensor.dtype is not torch.float32 or not tensor.is_cpu:
            raise TypeError("the kernels take float32 on the CPU")
        if not tensor.is_contiguous():
            tensors[index] = tensor.contiguous()
    shapes = (name, *[t.shape for t in tensors])
    if shapes not in PLANS:
        PLANS[shapes] = _plan(name, over, shapes[1:], leaves, outputs)
    function, spread, results, sizes, small = PLANS[shapes]
    for index, shape in spread.items():
        tensors[index] = tensors[index].expand(shape).contiguous()
    made = [torch.empty(shape) for shape in results]
    status = function(
        (ctypes.c_void_p * len(tensors))(*[t.data_ptr() for t in tensors]),
        (ctypes.c_void_p * len(made))(*[t.data_ptr() for t in made]),
        *sizes,
        1 if small else torch.get_num_threads(),
    )
    if status != 0:
        raise RuntimeError(f"{name} failed with status {status}")
    return made[0] if len(made) == 1 else made
'''
FLAGS = ("-O3", "-march=native", "-std=c++17", "-shared", "-fPIC", "-fno-math-errno",
         "-fno-trapping-math")  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """One way to make a candidate. `largest`: its largest kernel only."""

    rule: str
    flags: tuple[str, ...] = ()
    largest: bool = False
    how: str = ""


VARIANTS = (
    Variant("fuse-cpp"),
    Variant("fuse-cpp-largest", largest=True, how=", the largest of them alone"),
    Variant("fuse-cpp-wide", ("-mprefer-vector-width=512",), how=", with the widest vectors"),
    Variant("fuse-cpp-unrolled", ("-funroll-loops",), how=", with loops unrolled"),
)


def candidate(code: str, graph: Graph, variant: Variant) -> tuple[str, str]:
    """A ModelNew's text and what it does, one sentence. Raises Unsupported."""
    fused = fuse(graph, variant.largest)
    if variant.largest and len(fuse(graph).kernels) == 1:
        raise Unsupported("there is one kernel only")
    count = len({fused.program.values[m].node for k in fused.kernels for m in k.members})
    kernels = "one kernel" if len(fused.kernels) == 1 else f"{len(fused.kernels)} kernels"
    what = "one operation of forward is" if count == 1 else f"{count} operations of forward are"
    note = f"{what} computed by {kernels} in C++{variant.how}, without temporary tensors"
    return source(code, graph, fused, variant.flags), note


def source(code: str, graph: Graph, fused: Fused, flags: Sequence[str] = ()) -> str:
    """The text of a ModelNew with these kernels."""
    plans = [
        (f"fused{i}", schedule(fused.program.values, region))
        for i, region in enumerate(fused.kernels)
    ]
    head = _HEAD.replace("SOURCE_TEXT", cpp.source(plans))
    head = head.replace("FLAG_LIST", repr([*FLAGS, *flags]))
    parameters = []
    for node in graph.nodes:
        if node.kind == "placeholder":
            if node.target.startswith("*"):
                raise Unsupported("its forward takes any number of arguments")
            default = f"={_default(node.args[0])}" if node.args else ""
            parameters.append(node.name + default)
    return rewriting.module(code, head, parameters, _body(fused))


def _default(value: object) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise Unsupported("an argument of its forward has a default that is no number")


def _body(fused: Fused) -> list[str]:
    """The statements of forward."""
    program = fused.program
    of = {m: f"fused{i}" for i, region in enumerate(fused.kernels) for m in region.members}
    needs: dict[str, tuple[str, ...]] = {}
    texts: dict[str, str] = {}
    for index, region in enumerate(fused.kernels):
        name = f"fused{index}"
        needs[name] = tuple(of.get(o, o) for o in region.leaves if o in of or o in program.opaque)
        texts[name] = _call(name, region)
    for name, opaque in program.opaque.items():
        needs[name] = tuple(of.get(o, o) for o in opaque.uses if o in of or o in program.opaque)
        texts[name] = f"{name} = {opaque.text}"
    order = dict.fromkeys(of.get(n, n) for n in program.order)
    lines = [texts[n] for n in rewriting.in_order(needs, [n for n in order if n in texts])]
    return [*lines, f"return {program.result}"]


def _call(name: str, region: Region) -> str:
    leaves = ", ".join(region.leaves)
    kinds = ", ".join(repr(region.where(leaf)) for leaf in region.leaves)
    outputs = ", ".join(repr(region.where(o)) for o in region.outputs)
    given = f"{name!r}, {region.layout.over}, [{leaves}], [{kinds}], [{outputs}]"
    return f"{', '.join(region.outputs)} = _launch({given})"
