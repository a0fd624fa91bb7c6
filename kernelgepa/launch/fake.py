"""Executes a reference's text on tensors without data, for `outputs`. In the sandbox."""

from __future__ import annotations

import inspect
import json
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from kernelgepa.measured import drawing
from kernelgepa.measured.executed import executed


def handle(request: bytes) -> bytes:
    """A text in, what its inputs are and what it returns out, as JSON."""
    with FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        names = executed(request.decode())
        kind = names["Model"]
        model = drawing.construct(kind, names["get_init_inputs"]())
        inputs = drawing.arguments(names["get_inputs"](), drawing.order(kind))
        made = model(*inputs)
    taken = inspect.signature(model.forward).bind(*inputs)
    taken.apply_defaults()
    found = [made] if isinstance(made, torch.Tensor) else list(made)
    outputs = [
        {
            "shape": [int(n) for n in one.shape],
            "dtype": str(one.dtype).removeprefix("torch."),
            "strides": [int(n) for n in one.stride()],
        }
        for one in found
    ]
    return json.dumps(
        {"key": [_key(v) for v in taken.arguments.values()], "outputs": outputs}
    ).encode()


def _key(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_key(v) for v in value]
    if hasattr(value, "shape"):
        return [int(n) for n in value.shape]
    return value if isinstance(value, bool | int | float | str) else None
