"""What a sandbox adds to one evaluation: the same empty program run bare and behind each wall.

Warm: whatever a wall starts once (a container, namespaces, the process that forks) is there. The
last row is the usual way, a container for each job.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from kernelgepa.errors import KernelGepaError
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox import Choice, backends, open_sandbox
from kernelgepa.sandbox.docker import skeleton

COMMAND = "/bin/true"
LIMIT_MS = {"docker": 20.0, "bwrap": 60.0, "landlock": 20.0}


def median_ms(act: Callable[[], object], count: int) -> float:
    """Of `count` calls, after three that warm up."""
    spent = []
    for number in range(count + 3):
        begin = time.perf_counter()
        act()
        if number >= 3:
            spent.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(spent)


def bare() -> None:
    subprocess.run([COMMAND], check=True, capture_output=True)


def sandboxed(name: str, count: int) -> float:
    """Raises KernelGepaError where there is no such sandbox here."""
    job = SandboxJob((COMMAND,))
    with open_sandbox(Choice(name)) as sandbox:

        def act() -> None:
            if sandbox.run(job).status != "ok":
                raise SystemExit(f"{name}: {COMMAND} does not end well")

        return median_ms(act, count)


def one_container_each(count: int) -> float:
    """The same program by the engine's own command line, a container each. KernelGepaError where
    there is no engine."""
    image = skeleton()
    command = ["docker", "run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", image, COMMAND]
    return median_ms(lambda: subprocess.run(command, check=True, capture_output=True), count)


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="calls, of which the median is")
    count = parser.parse_args(arguments).count
    print(f"one {COMMAND}, median of {count} (measured)")
    print(f"{'':22} {'ms':>7} {'overhead ms':>12} {'limit':>6} {'of bare':>8}")
    least = median_ms(bare, count)
    print(f"{'bare subprocess':22} {least:7.1f} {0:12.1f} {'':6} {1:7.1f}x")
    good = True
    for name in backends():
        try:
            found = sandboxed(name, count)
        except KernelGepaError as error:
            print(f"{name:22} not here: {error}")
            continue
        limit = LIMIT_MS.get(name)
        good = good and (limit is None or found - least <= limit)
        print(
            f"{name:22} {found:7.1f} {found - least:12.1f} "
            f"{'' if limit is None else f'{limit:g}':>6} {found / least:7.1f}x"
        )
    try:
        found = one_container_each(min(count, 10))
    except KernelGepaError as error:
        print(f"{'docker run':22} not here: {error}")
    else:
        print(f"{'docker run':22} {found:7.1f} {found - least:12.1f} {'':6} {found / least:7.1f}x")
    print("within the limits" if good else "BROKEN: over a limit")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
