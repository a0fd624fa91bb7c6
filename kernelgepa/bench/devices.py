"""Which devices a bench uses, and work spread over them."""

from __future__ import annotations

import importlib.util
import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

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
) -> None:
    """Every item is worked on once, by whichever device is free; one at a time on each.

    `opened(device)` gives what works on an item. The first exception ends it all, once those under
    way are done.
    """
    waiting = deque(items)
    if len(devices) == 1:
        with opened(devices[0]) as work:
            while waiting:
                work(waiting.popleft())
        return
    failed: list[BaseException] = []

    def serve(device: str) -> None:
        try:
            with opened(device) as work:
                while not failed:
                    try:
                        item = waiting.popleft()
                    except IndexError:
                        return
                    work(item)
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
