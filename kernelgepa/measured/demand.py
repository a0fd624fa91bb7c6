"""In a worker: what one call of a problem takes, counted by following it without values.

Every operation counts, also those that a better kernel would do without: it says whether a device
can run the problem as it stands, and roofline.py what it needs at least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernelgepa.measured import wire
from kernelgepa.measured.executed import executed
from kernelgepa.measured.following import called, followed
from kernelgepa.measured.operations import watched
from kernelgepa.measured.tensors import is_tensor

_LAYER = "aten.mkldnn_rnn_layer"  # what torch makes of an LSTM on a CPU, and counts as nothing


def answer(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Floating point operations, and bytes of what is given, held, returned and written."""
    problem = executed(head["problem"])
    found, note = followed(lambda: _counted(problem))
    return wire.pack(found or {"note": note})


def _counted(problem: dict[str, Any]) -> dict[str, Any]:
    from torch.utils.flop_counter import flop_registry  # noqa: PLC0415

    flops, written, begun = 0, 0, False

    def tell(func: Any, args: Sequence[Any], keys: Mapping[str, Any], out: Any) -> None:
        nonlocal flops, written
        if not begun:
            return
        count = flop_registry.get(func._overloadpacket)
        if count is not None:
            flops += count(*args, **keys, out_val=out)
        elif str(func._overloadpacket) == _LAYER:
            flops += _of_layer(args[0], args[1:3])
        if not func.is_view:
            written += _bytes(out)

    def begin() -> None:
        nonlocal begun
        begun = True

    model, inputs, returned = called(problem, watched(tell), begin)
    held = [*model.parameters(), *model.buffers()]
    return {
        "flops": flops,
        "input_bytes": _bytes(inputs),
        "weight_bytes": _bytes(held),
        "output_bytes": _bytes(returned),
        "written_bytes": written,
    }


def _of_layer(given: Any, weights: Sequence[Any]) -> int:
    """Products of a layer of an LSTM: at each step of each sequence, with all of its weights."""
    steps = int(given.numel()) // int(given.shape[-1])
    return 2 * steps * sum(int(w.numel()) for w in weights)


def _bytes(value: Any) -> int:
    from torch.utils._pytree import tree_leaves  # noqa: PLC0415

    return sum(t.numel() * t.element_size() for t in tree_leaves(value) if is_tensor(t))
