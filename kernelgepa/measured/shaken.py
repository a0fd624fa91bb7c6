"""What a reference might as well give, were its results off by a little. In the worker.

An index of a maximum, a number that is rounded to a step: where two are near each other, either is
right, as another order of summation shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.measured.operations import watched
from kernelgepa.measured.policy import moves
from kernelgepa.measured.tensors import is_tensor, leaves

_SINGLE = 2.0**-23
# What they give is right to the last bit, or is one of their arguments.
_EXACT = frozenset({
    "round", "floor", "ceil", "trunc", "sign", "sgn", "remainder", "fmod", "abs", "neg", "relu",
    "threshold", "clamp", "clamp_min", "clamp_max", "hardtanh", "maximum", "minimum", "max",
    "min", "amax", "amin", "sort", "topk", "kthvalue", "median", "mode", "gather", "index",
    "index_select", "take", "embedding", "where", "masked_fill", "cat", "stack", "heaviside",
    "max_pool1d_with_indices", "max_pool2d_with_indices", "max_pool3d_with_indices", "eq", "ne",
    "lt", "le", "gt", "ge", "scatter", "index_put", "roll", "flip", "constant_pad_nd", "repeat",
    "tril", "triu", "one_hot",
})  # fmt: skip


def shaken(call: Callable[[], Any], seed: int, by: float) -> Any:
    """What a call gives whose results are each off by up to a share `by`, if they are float32: of
    another precision by what is as much there, in half precision by a unit in the last place."""
    import torch  # noqa: PLC0415

    made = dict[Any, Any]()  # generators, by device

    def tell(func: Any, args: Sequence[Any], keys: Mapping[str, Any], out: Any) -> None:
        views = any(r.alias_info and not r.alias_info.is_write for r in func._schema.returns)
        name = func._schema.name.split("::")[-1]
        if views or moves(name) or name.removesuffix("_") in _EXACT:
            return
        for one in leaves(out):
            if is_tensor(one) and one.is_floating_point() and one.numel():
                if one.device not in made:
                    made[one.device] = torch.Generator(one.device).manual_seed(seed)
                step = torch.finfo(one.dtype).eps
                share = max(by, step) if step > _SINGLE else by * step / _SINGLE
                noise = torch.empty(one.shape, dtype=one.dtype, device=one.device)
                one.mul_(1.0 + noise.uniform_(-share, share, generator=made[one.device]))

    with watched(tell):
        return call()
