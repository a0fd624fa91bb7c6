"""Parameters changed in place while a module is judged. In the worker.

A module is a function of its parameters, too: one that keeps what it once made of them is wrong
after an optimiser's step or load_state_dict, and does not do the work it is timed for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container
from typing import Any

SPREAD = 0.1  # up to that share of an element is added or taken away
_SAMPLE = 1 << 16  # elements that tell one parameter from another


class Weights:
    """The parameters of a module as they were, and others around them."""

    def __init__(self, module: Any) -> None:
        import torch  # noqa: PLC0415

        self._kept: list[tuple[Any, Any, str]] = []
        self._room: Any = None
        if isinstance(module, torch.nn.Module):
            for one in _parameters(module):
                if one.is_floating_point() and one.numel() and one.device.type != "meta":
                    self._kept.append((one, one.detach().clone(), digest_of(one)))

    @property
    def digests(self) -> list[str]:
        """Of each parameter's first value: the same in two processes with the same parameters."""
        return sorted(digest for _, _, digest in self._kept)

    def change(self, seed: int, only: Container[str]) -> None:
        """Multiplies those with these digests by numbers around 1, drawn from the seed and what
        each first was."""
        import torch  # noqa: PLC0415

        for place, first, digest in self._kept:
            if digest not in only:
                continue
            generator = torch.Generator(first.device)
            generator.manual_seed((seed + int(digest[:12], 16)) % (1 << 63))
            factor = self._factors(first)
            factor.uniform_(1.0 - SPREAD, 1.0 + SPREAD, generator=generator)
            with torch.no_grad():
                torch.mul(first, factor.to(first.dtype), out=place)

    def _factors(self, first: Any) -> Any:
        """As many as it has elements, in memory that is there: who saves making it anew could work
        in that time."""
        import torch  # noqa: PLC0415

        if self._room is None or self._room.device != first.device:
            most = max(one.numel() for _, one, _ in self._kept if one.device == first.device)
            self._room = torch.empty(most, dtype=torch.float32, device=first.device)
        return self._room[: first.numel()].view(first.shape)


def _parameters(module: Any) -> list[Any]:
    """Each once, whatever the module's own methods tell of them."""
    found: dict[int, Any] = {}
    pending, seen = [module], set()
    while pending:
        here = vars(pending.pop())
        found |= {id(one): one for one in here.get("_parameters", {}).values() if one is not None}
        inner = [one for one in here.get("_modules", {}).values() if one is not None]
        pending += [one for one in inner if id(one) not in seen]
        seen |= {id(one) for one in inner}
    return list(found.values())


def digest_of(parameter: Any) -> str:
    """Of its shape and a sample of its values."""
    from kernelgepa.measured.tensors import raw  # noqa: PLC0415

    flat = parameter.detach().reshape(-1)
    sample = flat[:: max(1, flat.numel() // _SAMPLE)]
    return hashlib.sha256(repr(tuple(parameter.shape)).encode() + raw(sample)).hexdigest()
