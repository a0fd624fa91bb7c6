"""What a candidate may use, as seen by the operations of torch that one call of it runs.

A hint, since the candidate's own process tells: what it may gain by lying is bounded by the clock.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from kernelgepa.verdict import Diagnostic

# Operations that move or name memory and compute nothing.
_MOVES = (
    "view", "reshape", "empty", "clone", "copy_", "_to_copy", "detach", "alias", "transpose", "t.",
    "permute", "slice", "select", "expand", "unsqueeze", "squeeze", "as_strided", "zero_", "zeros",
    "contiguous", "fill_", "new_", "set_", "resize_", "_unsafe_view", "split", "unbind", "narrow",
    "lift_fresh", "is_pinned", "unfold", "_local_scalar_dense", "full", "ones", "arange",
    "scalar_tensor",
)  # fmt: skip
# What a file that brings its own kernel imports or calls.
_KERNELS = frozenset({
    "ctypes", "cffi", "triton", "cupy", "numba", "load_inline", "cpp_extension", "CDLL", "pyopencl",
    "cuda", "nvrtc", "_compile_kernel",
})  # fmt: skip


def moves(name: str) -> bool:
    """Whether an operation of that name, as aten has it, computes nothing."""
    return name.startswith(_MOVES) or name.lstrip("_").startswith(_MOVES)


def computing(operations: Mapping[str, int]) -> dict[str, int]:
    """Only those that compute: "aten.mm" -> how often."""
    found: dict[str, int] = {}
    for name, count in operations.items():
        if not moves(name.removeprefix("aten.")) and not name.startswith("prim"):
            bare = ".".join(name.split(".")[:2])
            found[bare] = found.get(bare, 0) + count
    return found


def matters(source: str, vendor: bool) -> bool:
    """Whether what it uses decides anything."""
    return not vendor or brings_a_kernel(source)


def brings_a_kernel(source: str) -> bool:
    """Whether a file is none of Python, or names anything by which a kernel of its own is made."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [part for alias in node.names for part in alias.name.split(".")]
        elif isinstance(node, ast.ImportFrom):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [node.attr] if node.attr != "cuda" else []
        if _KERNELS.intersection(names):
            return True
    return False


def notes(
    reference: Mapping[str, int],
    candidate: Mapping[str, int],
    source: str,
    vendor: bool,
    borrowed: Sequence[str] = (),
) -> list[Diagnostic]:
    """What is against the policy. `vendor`: operations of torch may do the work.

    `borrowed`: what libraries of its own take from others.
    """
    wanted, found = computing(reference), computing(candidate)
    whole = wanted and all(found.get(name, 0) >= count for name, count in wanted.items())
    if whole and brings_a_kernel(source):
        listed = ", ".join(sorted(wanted)[:5])
        return [
            Diagnostic(
                f"it brings a kernel, and torch does all of the reference's work ({listed}): "
                "a fallback to the reference is not taken",
                code="policy-reference",
            )
        ]
    if not vendor and (found or borrowed):
        listed = ", ".join([*sorted(found), *borrowed][:5])
        return [
            Diagnostic(
                f"it calls {listed}, and this run takes kernels without libraries only",
                code="policy-vendor",
            )
        ]
    return []
