"""A forward that is one kernel from its inputs to its result, as a GPU's candidate must be.

What differs between CUDA and Triton is how it is written; where tensors are read, and the launch
that says so, is the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernelgepa.playbook.modules.fusing import fuse
from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.playbook.modules.regions import Region
from kernelgepa.playbook.modules.values import Shape, Value, elements

_ONE_ROW = 1 << 16  # more columns than this are too many for one block


@dataclass(frozen=True)
class Read:
    """How a kernel reads one tensor. `index`: the row in it, for row `row` of the result, as
    C-like text; `numbers`: further whole numbers that the text uses, with their expressions."""

    name: str  # in the kernel: x0, x1, ...
    argument: str  # in the launch: "x", "self.norm.weight"
    full: bool  # differs along the columns
    index: str
    numbers: Mapping[str, str]

    @property
    def place(self) -> str:
        """Of the element in the tensor."""
        if not self.full:
            return self.index
        if self.index == "0":
            return "j"
        return f"{self.index if self.index == 'row' else f'({self.index})'} * cols + j"


@dataclass(frozen=True)
class Whole:
    """A kernel and what its launch says. `rows` and `cols` are expressions of a launch."""

    region: Region
    values: Mapping[str, Value]
    reads: Mapping[str, Read]  # by leaf
    rows: str
    cols: str

    @property
    def output(self) -> str:
        return self.region.outputs[0]

    @property
    def numbers(self) -> dict[str, str]:
        return {n: e for r in self.reads.values() for n, e in r.numbers.items()}

    def closure(self, targets: Sequence[str], known: Sequence[str]) -> list[str]:
        """Values needed for `targets`, in order, without those that are known."""
        wanted, waiting = set[str](), list(targets)
        while waiting:
            name = waiting.pop()
            if name not in wanted and name not in known:
                wanted.add(name)
                waiting += self.values[name].operands
        return [n for n in (*self.region.leaves, *self.region.members) if n in wanted]


def whole(graph: Graph) -> Whole:
    """Raises Unsupported with the reason."""
    fused = fuse(graph)
    program = fused.program
    if len(fused.kernels) != 1:
        raise Unsupported(f"its forward takes {len(fused.kernels)} kernels, and one can be made")
    region = fused.kernels[0]
    if any(leaf in program.opaque for leaf in region.leaves) or (
        region.outputs != (program.result,)
    ):
        raise Unsupported("a part of its forward is none that kernels are generated for")
    shape, over = region.layout.shape, region.layout.over
    texts = {leaf: _argument(graph, program.values[leaf]) for leaf in region.leaves}
    dims = _dims(region, program.values, texts)
    rows, columns = dims[: len(shape) - over], dims[len(shape) - over :]
    single = region.layout.reduces and elements(shape[: len(rows)]) == 1
    if single and elements(shape) > _ONE_ROW:
        raise Unsupported("it reduces everything to one number, which takes several kernels")
    reads = {}
    for index, leaf in enumerate(region.leaves):
        place, numbers = _place(region, _kept(region, program.values[leaf]), rows, index)
        reads[leaf] = Read(f"x{index}", texts[leaf], leaf in region.layout.full, place, numbers)
    return Whole(region, program.values, reads, _product(rows), _product(columns))


def _argument(graph: Graph, leaf: Value) -> str:
    """A tensor as a launch names it: forward's own word for a parameter."""
    if leaf.name.startswith("self."):
        return leaf.name
    return graph.node(leaf.node).target


def _kept(region: Region, leaf: Value) -> Shape:
    over = region.layout.over if leaf.name in region.layout.squeezed else 0
    shape = leaf.shape + (1,) * over
    return (1,) * (len(region.layout.shape) - len(shape)) + shape


def _dims(region: Region, values: Mapping[str, Value], texts: Mapping[str, str]) -> list[str]:
    """An expression for each size of the iteration space."""
    rank = len(region.layout.shape)
    found = ["1"] * rank
    for leaf in reversed(region.leaves):
        shape = _kept(region, values[leaf])
        missing = rank - len(values[leaf].shape)
        if leaf in region.layout.squeezed:
            missing -= region.layout.over
        for dim, size in enumerate(shape):
            if size != 1:
                found[dim] = f"{texts[leaf]}.shape[{dim - missing}]"
    return found


def _product(dims: Sequence[str]) -> str:
    return " * ".join(d for d in dims if d != "1") or "1"


def _place(
    region: Region, shape: Shape, rows: Sequence[str], number: int
) -> tuple[str, dict[str, str]]:
    """Which row of a tensor belongs to row `row`. Raises Unsupported where that is involved."""
    space = region.layout.shape[: len(rows)]
    has = [d for d in range(len(rows)) if space[d] != 1 and shape[d] != 1]
    real = [d for d in range(len(rows)) if space[d] != 1]
    if has == real:
        return "row", {}
    if not has:
        return "0", {}
    if [d for d in real if has[0] <= d <= has[-1]] != has:
        raise Unsupported("a tensor is repeated along dimensions that are apart")
    inner, count = f"inner{number}", f"count{number}"
    numbers = {count: _product([rows[d] for d in has])}
    after = _product([rows[d] for d in range(has[-1] + 1, len(rows))])
    if after == "1":
        return f"row % {count}", numbers
    return f"row / {inner} % {count}", {inner: after, **numbers}


def launch(let: Mapping[str, str], grid: str, arguments: Sequence[str], rest: Sequence[str]) -> str:
    """The text of a launch of the kernel `fused`."""
    lines = ["[let]", *(f"{name} = {json.dumps(text)}" for name, text in let.items()), ""]
    lines += ["[[launch]]", 'kernel = "fused"', f"grid = [{json.dumps(grid)}]"]
    lines += [f"args = {json.dumps(list(arguments))}", *rest]
    return "\n".join(lines) + "\n"
