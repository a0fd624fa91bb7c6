"""What a problem's tensors are like, without computing with them. In a worker."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgepa.launch import Forward, Value
from kernelgepa.measured import drawing
from kernelgepa.measured.contract import TensorSpec
from kernelgepa.measured.executed import executed
from kernelgepa.triton.module import Raised
from kernelgepa.triton.tensors import SELF, Seen, spec_of, values

_SMALL = 16 << 20  # bytes of inputs that are worth computing with


@dataclass(frozen=True)
class Facts:
    """`names` are forward's arguments by name, and self: objects whose tensors have no content.

    `unknown` says why outputs are not known; empty where they are.
    """

    names: Mapping[str, Any]
    outputs: tuple[TensorSpec, ...] = ()
    unknown: str = ""

    def inputs(self, packed: bool) -> Mapping[str, Value]:
        return values({n: v for n, v in self.names.items() if n != SELF}, packed)

    def module(self, packed: bool) -> Seen:
        return Seen(self.names[SELF], packed)

    @property
    def bytes(self) -> int:
        """Of all inputs."""
        given = (v for v in self.names.values() if hasattr(v, "element_size"))
        return sum(v.numel() * v.element_size() for v in given)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Of every input and output, each once."""
        given = [v.dtype for v in self.inputs(True).values() if isinstance(v, TensorSpec)]
        return tuple(dict.fromkeys([*given, *(o.dtype for o in self.outputs)]))


class Unknown(Exception):
    """A problem that cannot be executed without its numbers: one sentence."""


def of_problem(code: str) -> Facts:
    """Executes a problem on tensors without content. Raises Unknown."""
    import torch  # noqa: PLC0415
    from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: PLC0415

    facts = None
    with Raised() as raised, FakeTensorMode(allow_non_fake_inputs=True), torch.no_grad():
        facts = _facts(code)
    if facts is None:
        raise Unknown(f"{type(raised.error).__name__}: {raised.error}"[:300])
    if facts.unknown and facts.bytes <= _SMALL:  # its shapes follow from numbers
        with Raised() as raised, torch.no_grad():
            facts = _facts(code)
    return facts


def _facts(code: str) -> Facts:
    problem = executed(code)
    made = problem["Model"]
    model = drawing.construct(made, problem["get_init_inputs"]())
    inputs = drawing.arguments(problem["get_inputs"](), drawing.order(made))
    names = {**bound(made.forward, model, inputs), SELF: model}
    result = None
    with Raised() as raised:
        result = model(*inputs)
    if raised.error is not None:
        return Facts(names, (), f"{type(raised.error).__name__}: {raised.error}"[:300])
    return Facts(names, tuple(spec_of(t) for t in flat(result)))


def bound(forward: Callable[..., Any], model: object, inputs: Sequence[Any]) -> dict[str, Any]:
    """Forward's arguments by name, defaults included."""
    found = inspect.signature(forward).bind(model, *inputs)
    found.apply_defaults()
    first, *_ = found.arguments
    return {n: v for n, v in found.arguments.items() if n != first}


def parameters(forward: Callable[..., Any]) -> Forward:
    """As `forward_of` reads them from a text."""
    kinds = list(inspect.signature(forward).parameters.values())[1:]
    rest = any(p.kind is p.VAR_POSITIONAL for p in kinds)
    plain = [p for p in kinds if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return Forward(tuple(p.name for p in plain), rest)


def flat(result: Any) -> list[Any]:
    """The tensors of what forward returns, in order."""
    return list(result) if isinstance(result, list | tuple) else [result]
