"""Which operations of torch a call runs. In the worker."""

from __future__ import annotations

import contextlib
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
    """Names of its ATen operations, and how often it runs each in this thread."""
    counts: dict[str, int] = {}

    def tell(func: Any, args: Sequence[Any], keys: Mapping[str, Any], out: Any) -> None:
        counts[str(func)] = counts.get(str(func), 0) + 1

    with watched(tell):
        call()
    return counts


def everywhere(call: Callable[[], Any]) -> dict[str, int]:
    """The same of all threads, also where a call keeps such modes away: what torch's own profiler
    sees. Operations that are made of others do not count."""
    from torch._C._profiler import _ExperimentalConfig  # noqa: PLC0415
    from torch.autograd.profiler import profile  # noqa: PLC0415

    try:
        config = _ExperimentalConfig(profile_all_threads=True)
    except TypeError:  # torch 2.6 knows of no such choice
        config = None
    counts = operations(call)
    inside = dict[str, int]()
    for name, count in counts.items():
        bare = ".".join(name.split(".")[:2])
        inside[bare] = inside.get(bare, 0) + count
    with profile(use_cpu=True, use_kineto=True, experimental_config=config) as recorded:
        call()
    seen = dict[str, int]()
    for event in recorded.function_events:
        kind, _, name = event.name.partition("::")
        if kind == "aten" and not _made_of_others(name):
            seen[name] = seen.get(name, 0) + 1
    for name, count in seen.items():
        beyond = count - inside.get(f"aten.{name}", 0)
        if beyond > 0:
            counts[f"aten.{name}.elsewhere"] = beyond
    return counts


def _made_of_others(name: str) -> bool:
    import torch  # noqa: PLC0415

    packet = getattr(torch.ops.aten, name, None)
    if packet is None:
        return True
    for overload in packet.overloads():
        with contextlib.suppress(RuntimeError):  # some are TorchScript's alone
            full = getattr(packet, overload).name()
            if torch._C._dispatch_has_kernel_for_dispatch_key(full, "CompositeImplicitAutograd"):
                return True
    return False
