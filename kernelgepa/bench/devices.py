"""Which devices a bench uses, and work spread over them."""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Generic, TypeVar

from kernelgepa.errors import InputError
from kernelgepa.judges import checked

T = TypeVar("T")


def named(given: str) -> list[str]:
    """The devices of --device, such as cuda:0,cuda:1; of "", all GPUs, else the CPU.

    Raises InputError for one that cannot be used here.
    """
    from kernelgepa.measured.machine import device_name  # noqa: PLC0415

    names = [checked(part.strip()) for part in given.split(",")] if given else _here()
    if importlib.util.find_spec("torch") is None:
        raise InputError(
            "KernelBench's problems need torch, which is not installed: pip install "
            "'kernelgepa[torch]'"
        )
    for name in names:
        device_name(name)
    return list(dict.fromkeys(names))


def _here() -> list[str]:
    from kernelgepa.measured.devices import default  # noqa: PLC0415

    first = default()
    if first == "cpu":
        return [first]
    nodes = [p for p in Path("/dev").glob("nvidia*") if re.fullmatch(r"nvidia\d+", p.name)]
    return [f"cuda:{n}" for n in range(max(1, len(nodes)))]


def spread(
    devices: Sequence[str],
    items: Sequence[T],
    opened: Callable[[str], AbstractContextManager[Callable[[T], None]]],
    own: Callable[[T], str] = lambda item: "",
) -> None:
    """Every item is worked on once, by whichever device is free; one at a time on each.

    `opened(device)` gives what works on an item; `own(item)` names the device that it began on and
    has to stay on, if any. The first exception ends it all, once those under way are done.
    """
    waiting = _Waiting(items, devices, own)
    if len(devices) == 1:
        with opened(devices[0]) as work:
            while (found := waiting.take(devices[0])) is not None:
                work(found[0])
        return
    failed: list[BaseException] = []

    def serve(device: str) -> None:
        try:
            with opened(device) as work:
                while not failed and (found := waiting.take(device)) is not None:
                    work(found[0])
        except BaseException as error:  # raised again by who waits
            failed.append(error)

    threads = [threading.Thread(target=serve, args=(d,), daemon=True) for d in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():  # a wait without end would keep a Ctrl-C from being seen
            thread.join(0.5)
    if failed:
        raise failed[0]


class _Waiting(Generic[T]):
    """Items not begun yet; may be taken from by several threads."""

    def __init__(self, items: Sequence[T], known: Collection[str], own: Callable[[T], str]) -> None:
        self._items = [(item, own(item)) for item in items]
        self._known, self._lock = known, threading.Lock()

    def take(self, device: str) -> tuple[T] | None:
        """The first that may be worked on there."""
        with self._lock:
            for place, (item, own) in enumerate(self._items):
                if own == device or own not in self._known:
                    del self._items[place]
                    return (item,)
        return None
