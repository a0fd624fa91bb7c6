"""Runs candidates against their reference in double precision. A program: JSON in, JSON out.

In: a list of {"code", "candidate", "sizes": [...]}. Out: for each a list, one entry for each sizes:
the largest error relative to what is expected or to its mean, whichever is larger; or a text.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch

from kernelgepa.kernelbench.source import with_sizes


def executed(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "executed"}
    exec(compile(code, "executed.py", "exec"), names)
    return names


def made(kind: Any, problem: dict[str, Any]) -> Any:
    torch.manual_seed(3)
    return kind(*problem["get_init_inputs"]())


def errors(code: str, candidate: str, sizes: dict[str, int]) -> float | str:
    problem = executed(with_sizes(code, sizes))
    names = executed(candidate)
    torch.manual_seed(5)
    inputs = problem["get_inputs"]()
    double = [t.double() if torch.is_tensor(t) and t.is_floating_point() else t for t in inputs]
    with torch.no_grad():
        plain = made(problem["Model"], problem)(*[_copy(t) for t in inputs])
        want = made(problem["Model"], problem).double()(*double)
        got = made(names["ModelNew"], problem)(*[_copy(t) for t in inputs])
    if (got.shape, got.dtype, got.stride()) != (plain.shape, plain.dtype, plain.stride()):
        return f"{got.shape} {got.dtype} {got.stride()}, expected {plain.shape} {plain.stride()}"
    scale = torch.maximum(want.abs(), want.abs().mean())
    return float(((got.double() - want).abs() / scale).max())


def _copy(value: Any) -> Any:
    return value.clone() if torch.is_tensor(value) else value


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = json.load(sys.stdin)
    print(
        json.dumps(
            [[errors(c["code"], c["candidate"], s) for s in c["sizes"]] for c in cases],
        )
    )
