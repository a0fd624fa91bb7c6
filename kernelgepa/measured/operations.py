"""Which operations of torch a call runs. In the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# An ATen operation with its arguments and keywords, and what it gives.
Tell = Callable[[Any, Sequence[Any], Mapping[str, Any], Any], None]


def watched(tell: Tell) -> Any:
    """A dispatch mode that tells of each operation once it has run."""
    from torch.utils._python_dispatch import TorchDispatchMode  # noqa: PLC0415

    class Watcher(TorchDispatchMode):  # type: ignore[misc, unused-ignore]
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # else torch imports its compiler, which takes a second

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            out = func(*args, **(kwargs or {}))
            tell(func, args, kwargs or {}, out)
            return out

    return Watcher()


def operations(call: Callable[[], Any]) -> dict[str, int]:
    """Names of its ATen operations, and how often it runs each."""
    counts: dict[str, int] = {}

    def tell(func: Any, args: Sequence[Any], keys: Mapping[str, Any], out: Any) -> None:
        counts[str(func)] = counts.get(str(func), 0) + 1

    with watched(tell):
        call()
    return counts
