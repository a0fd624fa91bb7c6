"""Which operations of torch a call runs. In the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def operations(call: Callable[[], Any]) -> dict[str, int]:
    """Names of its ATen operations, and how often it runs each."""
    from torch.utils._python_dispatch import TorchDispatchMode  # noqa: PLC0415

    counts: dict[str, int] = {}

    class Counter(TorchDispatchMode):  # type: ignore[misc, unused-ignore]
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # else torch imports its compiler, which takes a second

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            name = str(func)
            counts[name] = counts.get(name, 0) + 1
            return func(*args, **(kwargs or {}))

    with Counter():
        call()
    return counts
