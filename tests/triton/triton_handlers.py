"""Runs a reference and a candidate in a worker, and tells how far apart they are."""

from __future__ import annotations

import json
import os
from typing import Any

os.environ.setdefault("TRITON_INTERPRET", "1")

import torch

from kernelgepa.measured.contract import Context
from kernelgepa.triton.loader import load
from kernelgepa.triton.tensors import spec_of

torch.set_num_threads(1)


def judge(request: bytes) -> bytes:
    """{"reference", "kernel", "launch", "device", "interpret"} -> {"worst", "outputs", "error"}."""
    asked = json.loads(request)
    return json.dumps(judged(asked)).encode()


def judged(asked: dict[str, Any]) -> dict[str, Any]:
    device = asked.get("device", "cpu")
    problem: dict[str, Any] = {}
    exec(asked["reference"], problem)

    def made(kind: Any) -> Any:
        torch.manual_seed(3)
        return kind(*problem["get_init_inputs"]()).to(device)

    torch.manual_seed(4)
    inputs = [i.to(device) if hasattr(i, "to") else i for i in problem["get_inputs"]()]
    with torch.no_grad():
        expected = _listed(made(problem["Model"])(*inputs))
        given = tuple(spec_of(i) if hasattr(i, "stride") else None for i in inputs)
        context = Context(problem, given, tuple(map(spec_of, expected)), device)
        payload = {"interpret": b"1" if asked.get("interpret", True) else b"0"}
        try:
            new = load(asked, payload, context)
            found = _listed(made(new)(*inputs))
        except Exception as error:
            return {
                "error": f"{type(error).__name__}: {error}",
                "line": getattr(error, "line", None),
            }
    same = [a.shape == b.shape and a.dtype == b.dtype for a, b in zip(found, expected, strict=True)]
    return {
        "same": all(same),
        "worst": max(_apart(a, b) for a, b in zip(found, expected, strict=True)),
        "strides": [list(a.stride()) for a in found],
    }


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]


def _apart(a: Any, b: Any) -> float:
    """Infinite where one is no number and the other is."""
    gap = (a.double() - b.double()).abs()
    return float("inf") if gap.isnan().any() else float(gap.max())
