"""What a module's forward computes, as a plain graph. The part that runs the module: in a worker.

The module is executed with tensors that have shapes and no data, so that nothing large is made.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from kernelgepa.measured import drawing
from kernelgepa.measured.executed import executed

NODES = 1500
_MADE = "_tensor_constant"  # how torch.fx names a tensor that it finds elsewhere


class _Untraceable(Exception):
    """Why no graph can be made: one sentence."""


def handle(request: bytes) -> bytes:
    """{"codes": [...]} -> {"graphs": [...]} or {"reason": ...}; one graph for each text.

    Raises whatever a problem raises.
    """
    try:
        graphs = [_graph(code) for code in json.loads(request)["codes"]]
    except _Untraceable as error:
        return json.dumps({"reason": str(error)}).encode()
    return json.dumps({"graphs": graphs}).encode()


def _graph(code: str) -> dict[str, Any]:
    import torch  # noqa: PLC0415
    import torch.fx  # noqa: PLC0415
    from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: PLC0415

    with FakeTensorMode(allow_non_fake_inputs=True) as mode, torch.no_grad():
        names = executed(code)
        model = drawing.construct(names["Model"], names["get_init_inputs"]())
        inputs = drawing.arguments(names["get_inputs"](), drawing.order(names["Model"]))
        traced = torch.fx.GraphModule(model, torch.fx.Tracer().trace(model))
        values: dict[str, Any] = {}

        class Shapes(torch.fx.Interpreter):  # type: ignore[misc]  # torch has no types here
            def run_node(self, n: Any) -> Any:
                values[n.name] = super().run_node(n)
                return values[n.name]

        given = [mode.from_tensor(i) if _plain(i, torch) else i for i in inputs]
        Shapes(traced).run(*given)
    nodes = list(traced.graph.nodes)
    if any(n.op == "get_attr" and n.target.startswith(_MADE) for n in nodes):
        raise _Untraceable("its forward uses a tensor that is no parameter or buffer of its module")
    if len(nodes) > NODES:
        raise _Untraceable(f"its forward has more than {NODES} operations")
    modules = dict(traced.named_modules())
    return {
        "nodes": [_node(n, values, modules, torch) for n in nodes],
        "numbers": _numbers(model),
    }


def _plain(value: Any, torch: Any) -> bool:
    from torch._subclasses.fake_tensor import FakeTensor  # noqa: PLC0415

    return isinstance(value, torch.Tensor) and not isinstance(value, FakeTensor)


def _node(
    node: Any, values: Mapping[str, Any], modules: Mapping[str, Any], torch: Any
) -> dict[str, Any]:
    from torch.fx.node import _get_qualified_name  # noqa: PLC0415

    made: dict[str, Any] = {
        "name": node.name,
        "kind": node.op,
        "target": (
            _get_qualified_name(node.target) if node.op == "call_function" else str(node.target)
        ),
        "args": [_argument(a, torch) for a in node.args],
        "kwargs": {k: _argument(v, torch) for k, v in node.kwargs.items()},
        "tensor": _tensor(values.get(node.name), torch),
    }
    if node.op == "call_module":
        module = modules[node.target]
        made["module"] = {
            "class": f"{type(module).__module__}.{type(module).__qualname__}",
            "training": bool(module.training),
            "numbers": _numbers(module, own=True),
            "tensors": {k: _tensor(v, torch) for k, v in module.named_parameters(recurse=False)},
        }
    return made


def _tensor(value: Any, torch: Any) -> dict[str, Any] | None:
    if not isinstance(value, torch.Tensor) or value.layout is not torch.strided:
        return None
    return {
        "shape": [int(n) for n in value.shape],
        "dtype": str(value.dtype).removeprefix("torch."),
        "contiguous": bool(value.is_contiguous()),
    }


def _argument(value: Any, torch: Any) -> dict[str, Any]:
    if isinstance(value, torch.fx.Node):
        return {"node": value.name}
    if value is None or isinstance(value, bool | int | str):
        return {"value": value}
    if isinstance(value, float):
        return {"value": value} if math.isfinite(value) else {"text": f'float("{value}")'}
    if isinstance(value, slice):
        return {"slice": [_argument(v, torch) for v in (value.start, value.stop, value.step)]}
    if isinstance(value, tuple | list):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_argument(v, torch) for v in value]}
    if isinstance(value, torch.dtype | torch.memory_format):
        return {"text": str(value)}
    if value is Ellipsis:
        return {"text": "..."}
    raise _Untraceable(f"an argument of its forward is a {type(value).__name__}")


def _numbers(module: Any, own: bool = False) -> dict[str, Any]:
    """Plain attributes: numbers and texts by name, of submodules too unless `own`."""
    found: dict[str, Any] = {}
    parts = [("", module)] if own else list(module.named_modules())
    for path, part in parts:
        for name, value in sorted(vars(part).items()):
            if name.startswith("_") or name == "training":
                continue
            key = f"{path}.{name}" if path else name
            if isinstance(value, bool | int | str) or (
                isinstance(value, float) and math.isfinite(value)
            ):
                found[key] = value
            elif own and isinstance(value, Sequence) and all(type(v) is int for v in value):
                found[key] = list(value)
    return found
