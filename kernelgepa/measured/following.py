"""In a worker: follows a problem without values. Only shapes are made, and no device is needed."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec, module_from_spec
from typing import Any, TypeVar

T = TypeVar("T")
# What a problem may raise that meets tensors without values.
_FOLLOWING = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, AssertionError,
              ImportError, OSError, RuntimeError)  # fmt: skip


def followed(follow: Callable[[], T]) -> tuple[T | None, str]:
    """What `follow` makes of a problem; None and the reason where it needs values."""
    note = ""
    for only_settings in (True, False):
        try:
            with _compiler(only_settings):
                return follow(), ""
        except _FOLLOWING as error:  # it may need the compiler itself
            first = str(error).splitlines()[:1]
            note = f"{type(error).__name__}: {''.join(first):.200}"
    return None, note


def called(
    problem: Mapping[str, Any], mode: Any, begin: Callable[[], None]
) -> tuple[Any, Any, Any]:
    """Model, inputs and outputs of one call in a dispatch mode, from the names of an executed
    problem. `begin` precedes the call."""
    import torch  # noqa: PLC0415
    from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: PLC0415

    with FakeTensorMode(allow_non_fake_inputs=True), mode, torch.no_grad():
        made = problem["get_init_inputs"]()
        model = problem["Model"](**made) if isinstance(made, Mapping) else problem["Model"](*made)
        inputs = problem["get_inputs"]()
        begin()
        outputs = model(**inputs) if isinstance(inputs, Mapping) else model(*inputs)
    return model, inputs, outputs


@contextlib.contextmanager
def _compiler(only_settings: bool) -> Iterator[None]:
    """FakeTensorMode reads two settings of torch's compiler, and importing it takes two seconds:
    here there are only the settings, and what keeps functions away from a compiler."""
    import torch  # noqa: PLC0415

    name = "torch._dynamo"
    spec = find_spec(name) if only_settings and name not in sys.modules else None
    if spec is None:
        yield
        return
    light: Any = module_from_spec(spec)
    light.disable = lambda function, *_, **__: function
    sys.modules[name] = light
    try:
        yield
    finally:
        for made in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
            del sys.modules[made]
        vars(torch).pop("_dynamo", None)
