"""What a reference does, as a graph of operations on whole tensors: the part of the floor that
decides which work no algebra avoids. The rules are in `roofline.py`. Imports torch late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kernelgepa.measured.roofline import Work
from kernelgepa.measured.terms import added, adds


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By the names of aten. An operation in none of these sets is not looked through: what it reads
# may be a part only, and what it makes may have a pattern.
LINEAR = _names(
    """add sub rsub neg mul div clone copy contiguous _to_copy cat stack batch_norm
    native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
    cudnn_batch_norm native_layer_norm native_group_norm _softmax _log_softmax detach alias
    lift_fresh"""
)
NONLINEAR = _names(
    """relu gelu silu sigmoid tanh exp exp2 expm1 log log1p log2 sqrt rsqrt abs pow square elu
    selu celu mish hardtanh hardswish hardsigmoid leaky_relu softplus softsign clamp clamp_min
    clamp_max relu6 sin cos erf reciprocal log_sigmoid_forward maximum minimum"""
)
LARGEST = _names(
    """amax amin max min logsumexp max_pool1d_with_indices max_pool2d_with_indices
    max_pool3d_with_indices max_pool2d max_pool3d"""
)
SUMS = _names(
    """sum mean var std var_mean norm linalg_vector_norm prod cumsum cumprod argmax argmin
    avg_pool1d avg_pool2d avg_pool3d _adaptive_avg_pool2d"""
)
PRODUCTS = _names(
    """mm bmm addmm baddbmm convolution _convolution _scaled_dot_product_flash_attention
    _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_efficient_attention
    _scaled_dot_product_cudnn_attention"""
)
RANDOM = _names(
    """rand randn uniform normal rand_like randn_like randint randint_like bernoulli exponential
    randperm trunc_normal erfinv empty empty_strided empty_like new_empty new_empty_strided"""
)
CONSTANT = _names(
    """zeros ones full zeros_like ones_like full_like new_zeros new_ones new_full fill zero
    scalar_tensor"""
)
# Read a part, and fill all of what they make.
GATHERS = _names(
    """embedding index index_select gather nll_loss_forward repeat upsample_nearest2d
    upsample_bilinear2d lstm gru rnn_tanh rnn_relu mkldnn_rnn_layer native_dropout scatter_add"""
)
WHOLE = LINEAR | NONLINEAR | LARGEST | SUMS | PRODUCTS
# Which arguments hold data; the others (bias, scale, running mean) are vectors.
DATA = {"addmm": (1, 2), "baddbmm": (1, 2), "convolution": (0, 1), "_convolution": (0, 1)}
FIRST = frozenset(n for n in LINEAR if "norm" in n)


@dataclass(frozen=True)
class Use:
    """An operand: the node it comes from, and whether all of it takes part."""

    node: int
    whole: bool


@dataclass
class Node:
    """An operation, or a tensor that was there before (no uses)."""

    name: str
    numel: int
    uses: tuple[Use, ...] = ()
    flops: float = 0.0
    dtype: str = ""
    pattern: bool = False  # may hold zeros, or the same again, by construction
    product: bool = False  # linear in a matrix product
    terms: int = 1  # that one of its results is a sum of
    sparse: bool = False  # may hold constants that need no writing: they are there beforehand


@dataclass
class Graph:
    """All operations in the order in which they ran."""

    nodes: list[Node] = field(default_factory=list)
    owner: dict[int, int] = field(default_factory=dict)  # a storage's address -> its last node
    sources: dict[int, int] = field(default_factory=dict)  # the same, when the call began

    def work(
        self, inputs: Sequence[Any], parameters: Sequence[Any], outputs: Sequence[Any]
    ) -> Work:
        ends = {self.owner[s]: t for t in outputs if (s := _storage(t)) in self.owner}
        whole, exact = self._needed(
            {n for n, t in ends.items() if t.numel() >= self.nodes[n].numel}
        )
        flops: dict[str, float] = {}
        skipped = 0.0
        for number, node in enumerate(self.nodes):
            if node.flops and exact[number]:
                flops[node.dtype] = flops.get(node.dtype, 0.0) + node.flops
            else:
                skipped += node.flops
        moved = 0.0
        for tensors, needed in ((inputs, whole), (parameters, exact)):
            for storage, tensor in {_storage(t): t for t in tensors}.items():
                source = self.sources.get(storage)
                if source is None or self.nodes[source].pattern:
                    continue
                if self._read(source, needed, whole):
                    moved += _bytes(tensor)
        started = set(self.sources.values())
        for number, tensor in ends.items():
            if number not in started and not self.nodes[number].sparse:
                moved += _bytes(tensor)
        note = f"{skipped:.3g} operations may be avoidable and are not counted" if skipped else ""
        terms = max((node.terms for node in self.nodes), default=1)
        return Work(flops, moved, note, terms)

    def _read(self, source: int, needed: list[bool], whole: list[bool]) -> bool:
        """A tensor has to be read whole. A product that is not needed as it is needs not read its
        weights: their sum, made beforehand, may be enough."""
        for number, node in enumerate(self.nodes):
            for use in node.uses:
                used = needed if node.name in PRODUCTS else whole
                if use.node == source and use.whole and used[number]:
                    return True
        return False

    def _needed(self, ends: set[int]) -> tuple[list[bool], list[bool]]:
        """For every node: whether all of it is used, and whether it is needed as it is."""
        whole = [n in ends for n in range(len(self.nodes))]
        exact = list(whole)
        for number in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[number]
            for use in node.uses:
                if not use.whole or not whole[number]:
                    continue
                whole[use.node] = True
                if node.name in NONLINEAR | LARGEST or (node.name in LINEAR and exact[number]):
                    exact[use.node] = True
        return whole, exact


def _storage(tensor: Any) -> int:
    address: int = tensor.untyped_storage()._cdata
    return address


def _bytes(tensor: Any) -> int:
    """Of its elements that differ: a repeated dimension has a stride of 0."""
    sizes = zip(tensor.shape, tensor.stride(), strict=True)
    size = int(tensor.element_size())
    return size * math.prod(int(n) for n, stride in sizes if stride)


def tape() -> Any:
    """A dispatch mode of torch with a `graph`. `start()` marks where the call begins."""
    import torch  # noqa: PLC0415
    from torch.utils._python_dispatch import TorchDispatchMode  # noqa: PLC0415
    from torch.utils._pytree import tree_leaves  # noqa: PLC0415
    from torch.utils.flop_counter import flop_registry  # noqa: PLC0415

    class Tape(TorchDispatchMode):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.graph = Graph()
            self._kept: list[Any] = []  # so that no storage's address is used again

        def start(self) -> None:
            self.graph.sources = dict(self.graph.owner)

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            out = func(*args, **kwargs)
            made = [t for t in tree_leaves(out) if isinstance(t, torch.Tensor)]
            given = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
            self._kept += made + given
            changes = bool(func._schema.is_mutable)
            name = func._schema.name.split("::")[-1]
            name = name.removesuffix("_") if changes else name
            if made and (
                changes or not {_storage(t) for t in made} <= {_storage(t) for t in given}
            ):
                flops = 0.0
                if name in PRODUCTS and func._overloadpacket in flop_registry:
                    flops = float(flop_registry[func._overloadpacket](*args, **kwargs, out_val=out))
                    flops /= _taps(name, args)
                record(self.graph, name, args, given, made, flops)
            return out

    return Tape()


def _taps(name: str, args: Any) -> int:
    """Points of a convolution's window, as its products can be shared between them."""
    return math.prod(args[1].shape[2:]) if name.endswith("convolution") else 1


def record(
    graph: Graph, name: str, args: Any, given: Sequence[Any], made: Sequence[Any], flops: float
) -> None:
    """Adds one operation that read `given` and made `made`."""
    nodes = graph.nodes
    for tensor in given:
        if _storage(tensor) not in graph.owner:  # made before the tape ran: has values of its own
            graph.owner[_storage(tensor)] = len(nodes)
            nodes.append(Node("given", tensor.untyped_storage().nbytes() // tensor.element_size()))
    first = made[0]
    data = [args[i] for i in DATA[name]] if name in DATA else list(given)
    data = data[:1] if name in FIRST else data
    owners = [graph.owner[_storage(t)] for t in data]
    patterns = [
        nodes[owner].pattern
        or any(n > 1 and not s for n, s in zip(t.shape, t.stride(), strict=True))
        for owner, t in zip(owners, data, strict=True)
    ]
    if name in RANDOM:
        pattern = False
    elif name in CONSTANT:  # of a vector (a bias, a scale) there is no pattern to use
        pattern = max(first.shape, default=1) != first.numel()
    else:
        pattern = name not in WHOLE or any(patterns)
    product = name in PRODUCTS or (name not in NONLINEAR and any(nodes[o].product for o in owners))
    sparse = name not in WHOLE | GATHERS | RANDOM or any(nodes[o].sparse for o in owners)
    if name in PRODUCTS and (any(patterns) or any(nodes[o].product for o in owners)):
        flops = 0.0
    uses = []
    if name in WHOLE and name not in RANDOM | CONSTANT:
        skips = _skips(name, args)
        for place, tensor in enumerate(given):
            owner = graph.owner[_storage(tensor)]
            others = any(p for t, p in zip(data, patterns, strict=True) if t is not tensor)
            all_of_it = tensor.numel() >= nodes[owner].numel
            uses.append(Use(owner, all_of_it and not others and not (skips and place == 0)))
    terms = added(name, args, given, made)
    if name in LINEAR - FIRST or adds(name):
        terms *= max((nodes[owner].terms for owner in owners), default=1)
    number = len(nodes)
    dtype = str(given[0].dtype if given else first.dtype).removeprefix("torch.")
    nodes.append(
        Node(name, first.numel(), tuple(uses), flops, dtype, pattern, product, terms, sparse)
    )
    for tensor in made:
        graph.owner[_storage(tensor)] = number


def _skips(name: str, args: Any) -> bool:
    """A window that moves by more than its size reads a part only."""
    if name.endswith("convolution"):
        return any(s > k for s, k in zip(args[3], args[1].shape[2:], strict=False)) and not args[6]
    if "_pool" in name and not name.startswith("_adaptive"):
        size, stride = args[1], args[2] if len(args) > 2 else ()
        return any(s > k for s, k in zip(stride, size, strict=False))
    return False
