"""Which operations make which 256-bit parts of a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kernelgepa.npu.irtypes import TypeSizes
from kernelgepa.npu.model.permute import indices

Parts = tuple[tuple[int, ...], ...]
"""Operations per part, the lowest lanes first"""

PART = 32  # bytes
_MASK = re.compile(r"<(\d+) x i1>")
_OPERANDS = re.compile(
    r"shufflevector <(?P<n>\d+) x (?P<t>\w+)> (?P<a>[%\w.$-]+|<.*?>), <\d+ x \w+> (?P<b>[%\w.$-]+)"
)


def size_of(type_: str) -> int:
    """Bytes of a value of this IR type in memory; lanes of one bit are packed."""
    mask = _MASK.match(type_)
    return (int(mask[1]) + 7) // 8 if mask else TypeSizes().size(type_)


def laid(nodes: Sequence[int], size: int) -> Parts:
    """Operations side by side, over a value of `size` bytes."""
    count = max(1, size // PART)
    if count % len(nodes) == 0:
        return tuple((nodes[k * len(nodes) // count],) for k in range(count))
    return (tuple(nodes),) * count


def whole(parts: Parts) -> tuple[int, ...]:
    """All operations, each once."""
    return tuple(dict.fromkeys(node for part in parts for node in part))


def share(parts: Parts, k: int, count: int) -> tuple[int, ...]:
    """Operations that make the k-th of `count` equal pieces."""
    if parts and len(parts) % count == 0:
        each = len(parts) // count
        return whole(parts[k * each : (k + 1) * each])
    if not parts:
        return ()
    return parts[k * len(parts) // count] if count % len(parts) == 0 else whole(parts)


def shuffled(text: str, known: Mapping[str, Parts]) -> Parts:
    """Parts of a shuffle that only moves whole parts."""
    taken, found = indices(text), _OPERANDS.search(text)
    if taken is None or found is None:
        return ()
    have, width = int(found["n"]), TypeSizes().size(found["t"])
    per = max(1, PART // width)
    made: list[tuple[int, ...]] = []
    for start in range(0, len(taken), per):
        lane = next((v for v in taken[start : start + per] if v >= 0), -1)
        source = known.get(found["a"] if lane < have else found["b"], ())
        at = lane % have // per
        made.append(source[at] if lane >= 0 and at < len(source) else ())
    return tuple(made)
