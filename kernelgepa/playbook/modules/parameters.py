"""Other parameters for a kernel on a GPU: how it is launched, and what is promised to its compiler.

Rules on texts: one change at a time, of what is written as a plain number. Whether a change is
right is for the judge; these only leave alone what is plainly tied to something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BLOCKS = (128, 256, 512, 64, 1024)
WARPS = (4, 8, 2, 1, 16)
STAGES = (2, 3, 4, 1)
_CONSTANT = (16, 8192)  # the least and most a constant that is a power of two is changed to
_LAUNCH = re.compile(r"^\[\[launch\]\]", re.MULTILINE)
_KERNEL = re.compile(r"\b__global__\s+(?:__launch_bounds__\s*\([^()]*\)\s*)?(?:void\b)")
_LOOP = re.compile(r"^(?P<indent>[ \t]*)for\s*\([^{};]*;[^{};]*;[^{};]*\)", re.MULTILINE)


@dataclass(frozen=True)
class Change:
    """Texts of a candidate, the rule that made them, and what is different."""

    kernel: str
    launch: str
    rule: str
    note: str


def cuda(kernel: str, launch: str) -> Iterator[Change]:
    """Changes of a CUDA candidate, the likeliest to help first."""
    restricted = _restricted(kernel)
    if restricted != kernel:
        note = "pointers of kernels are promised not to overlap"
        yield Change(restricted, launch, "cuda-restrict", note)
    found = _blocks(launch)
    for size in BLOCKS:
        if len(found) == 1 and size != found[0] and not _mentions(kernel, found[0]):
            new = _resized(launch, found[0], size)
            bound = re.sub(
                rf"__launch_bounds__\s*\(\s*{found[0]}\s*\)", f"__launch_bounds__({size})", kernel
            )
            yield Change(bound, new, "cuda-block", f"blocks of {size} threads, not {found[0]}")
    if len(found) == 1 and "__launch_bounds__" not in kernel:
        bound = re.sub(r"\b__global__\s+void\b", f"__global__ void __launch_bounds__({found[0]})",
                       kernel)  # fmt: skip
        if bound != kernel:
            note = f"the compiler is told that blocks have at most {found[0]} threads"
            yield Change(bound, launch, "cuda-launch-bounds", note)
    for match in reversed(list(_LOOP.finditer(kernel))):
        before = kernel[: match.start()].rstrip().rpartition("\n")[2]
        if before.lstrip().startswith("#pragma unroll"):
            continue
        pragma = f"{match['indent']}#pragma unroll 4\n"
        unrolled = kernel[: match.start()] + pragma + kernel[match.start() :]
        line = kernel.count("\n", 0, match.start()) + 1
        yield Change(unrolled, launch, "cuda-unroll", f"the loop of line {line} is unrolled by 4")


def triton(kernel: str, launch: str) -> Iterator[Change]:
    """Changes of a Triton candidate, the likeliest to help first."""
    if "@triton.autotune" in kernel:
        return
    for name, value in _constants(launch).items():
        for new in (value * 2, value // 2, value * 4, value // 4):
            if _CONSTANT[0] <= new <= _CONSTANT[1]:
                text = _constant(launch, name, value, new)
                yield Change(kernel, text, "triton-constant", f"{name} is {new}, not {value}")
    for key, values, default in (("num_warps", WARPS, 4), ("num_stages", STAGES, 3)):
        if key == "num_stages" and not re.search(r"^\s*for\b", kernel, re.MULTILINE):
            continue
        for now, new, text in _options(launch, key, values, default):
            yield Change(kernel, text, f"triton-{key.replace('_', '-')}", f"{key} {new}, not {now}")


def _blocks(launch: str) -> list[int]:
    """Blocks of one dimension, where all are written as numbers."""
    lines = re.findall(r"^block\s*=\s*(.+?)\s*(?:#.*)?$", launch, re.MULTILINE)
    found = [re.fullmatch(r"\[?\s*(\d+)\s*\]?", line) for line in lines]
    return sorted({int(m[1]) for m in found if m}) if all(found) else []


def _mentions(text: str, number: int) -> bool:
    """Whether a number stands in a text by itself, but for promises about blocks."""
    plain = re.sub(r"__launch_bounds__\s*\([^()]*\)", "", text)
    return re.search(rf"(?<![\w.]){number}(?![\w.])", plain) is not None


def _resized(launch: str, old: int, new: int) -> str:
    """Blocks and grids with another number of threads."""

    def line(match: re.Match[str]) -> str:
        return re.sub(rf"(?<![\w.]){old}(?![\w.])", str(new), match[0])

    return re.sub(r"^(?:block|grid|shared)\s*=.*$", line, launch, flags=re.MULTILINE)


def _restricted(kernel: str) -> str:
    """Plain pointer parameters of __global__ functions with __restrict__."""
    made, last = list[str](), 0
    for match in _KERNEL.finditer(kernel):
        bounds = re.compile(r"\s*__launch_bounds__\s*\([^()]*\)").match(kernel, match.end())
        start = kernel.find("(", bounds.end() if bounds else match.end())
        end = _closing(kernel, start)
        if start < 0 or end < 0:
            continue
        inner = re.sub(r"\*\s*(?!\s*__restrict__|\*|const\b)(?=\w)", "*__restrict__ ",
                       kernel[start:end])  # fmt: skip
        made += [kernel[last:start], inner]
        last = end
    return "".join([*made, kernel[last:]])


def _closing(text: str, start: int) -> int:
    depth = 0
    for index in range(max(start, 0), len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return -1


def _constants(launch: str) -> Mapping[str, int]:
    """Constants that are powers of two, written as numbers and alike in all launches."""
    found: dict[str, set[int]] = {}
    for table in re.findall(r"^constants\s*=\s*\{(.*)\}", launch, re.MULTILINE):
        for name, value in re.findall(r"(\w+)\s*=\s*(\d+)(?![\w.])", table):
            found.setdefault(name, set()).add(int(value))
    single = {n: next(iter(v)) for n, v in found.items() if len(v) == 1}
    return {n: v for n, v in single.items() if v >= 8 and v & (v - 1) == 0}


def _constant(launch: str, name: str, old: int, new: int) -> str:
    def table(match: re.Match[str]) -> str:
        return re.sub(rf"\b{name}\s*=\s*{old}(?![\w.])", f"{name} = {new}", match[0])

    return re.sub(r"^constants\s*=.*$", table, launch, flags=re.MULTILINE)


def _options(
    launch: str, key: str, values: tuple[int, ...], default: int
) -> Iterator[tuple[int, int, str]]:
    """An option with other values, in all launches: what it is now, what it becomes, the text."""
    written = re.findall(rf"^{key}\s*=\s*(.+?)\s*(?:#.*)?$", launch, re.MULTILINE)
    if any(not w.isdigit() for w in written) or len(set(written)) > 1:
        return
    now = int(written[0]) if written else default
    for new in values:
        if new == now:
            continue
        if written:
            text = re.sub(rf"^{key}\s*=.*$", f"{key} = {new}", launch, flags=re.MULTILINE)
        else:
            text = _LAUNCH.sub(f"[[launch]]\n{key} = {new}", launch)
        yield now, new, text
