"""Which constant permutations of vectors the core does in one instruction."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MASK = re.compile(r"<(\d+) x i32> (<[^<>]*>|zeroinitializer|poison|undef|splat[^,]*)$")
_SOURCE = re.compile(r"shufflevector <(\d+) x \w+>")


def indices(text: str) -> tuple[int, ...] | None:
    """Lanes a shufflevector takes, -1 where any will do; None where the mask is not understood."""
    mask = _MASK.search(text)
    if mask is None:
        return None
    count = int(mask[1])
    if mask[2] == "zeroinitializer":
        return (0,) * count
    if not mask[2].startswith("<"):
        return (-1,) * count
    return tuple(int(v) if v.isdigit() else -1 for v in re.findall(r"i32 (-?\w+)", mask[2]))


def single_instruction(text: str) -> bool:
    """Whether VEXTBCST, VSHIFT, VSEL or a mode of VSHUFFLE does it, per 512 bits of the result."""
    taken, source = indices(text), _SOURCE.search(text)
    if taken is None or source is None:
        return False
    have = int(source[1])
    return (
        _same(taken)
        or _window(taken, have)
        or _blend(taken, have)
        or any(_mode(taken, have, piece) for piece in _pieces(len(taken)))
    )


def _pieces(count: int) -> list[int]:
    return [1 << k for k in range(count.bit_length()) if count % (1 << k) == 0]


def _same(taken: Sequence[int]) -> bool:
    return len({v for v in taken if v >= 0}) <= 1


def _window(taken: Sequence[int], have: int) -> bool:
    """Consecutive lanes of both operands laid end to end; of one operand, around its end."""
    around = have if all(v < have for v in taken) else 2 * have
    return len({(v - k) % around for k, v in enumerate(taken) if v >= 0}) == 1


def _blend(taken: Sequence[int], have: int) -> bool:
    return all(v < 0 or v % have == k for k, v in enumerate(taken))


def _mode(taken: Sequence[int], have: int, piece: int) -> bool:
    """Interleaving of two operands or halves, or every second piece of `piece` lanes."""
    groups = [taken[k : k + piece] for k in range(0, len(taken), piece)]
    starts: list[int] = []
    for group in groups:
        known = {v - k for k, v in enumerate(group) if v >= 0}
        if len(known) > 1:
            return False
        start = known.pop() if known else -1
        if start >= 0 and start % piece:
            return False
        starts.append(start // piece if start >= 0 else -1)
    return _strided(starts) or _zipped(starts, have // piece)


def _strided(starts: Sequence[int]) -> bool:
    return len({v - 2 * k for k, v in enumerate(starts) if v >= 0}) == 1


def _zipped(starts: Sequence[int], have: int) -> bool:
    """a0 b0 a1 b1 ...: the second part begins one operand, or half an operand, after the first."""
    even = {v - k for k, v in enumerate(starts[::2]) if v >= 0}
    odd = {v - k for k, v in enumerate(starts[1::2]) if v >= 0}
    if len(even) != 1 or len(odd) != 1:
        return False
    apart = odd.pop() - even.pop()
    return apart in (have, have // 2, -have, -(have // 2))
