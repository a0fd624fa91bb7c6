"""Functions of libdevice for the interpreter, which has none: computed by numpy instead.

Exact where a GPU is exact to a few units in the last place; all that is judged by it is
correctness within a tolerance.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping
from typing import Any

_SAME = (
    "cosh", "exp", "exp2", "expm1", "log", "log10", "log1p", "log2", "sinh", "tan", "tanh", "sin",
    "cos", "sqrt", "cbrt", "floor", "ceil", "trunc", "rint", "fmod", "hypot", "copysign",
)  # fmt: skip
_OTHERWISE: Mapping[str, str] = {
    "abs": "abs", "fabs": "abs", "acos": "arccos", "acosh": "arccosh", "asin": "arcsin",
    "asinh": "arcsinh", "atan": "arctan", "atanh": "arctanh", "atan2": "arctan2", "pow": "power",
    "nearbyint": "rint", "fast_expf": "exp", "fast_logf": "log", "fast_sinf": "sin",
    "fast_cosf": "cos", "fast_tanf": "tan", "fast_tanhf": "tanh", "fast_powf": "power",
    "fast_dividef": "divide", "div_rn": "divide", "sqrt_rn": "sqrt", "fmin": "fmin",
    "fmax": "fmax", "isnan": "isnan", "isinf": "isinf",
}  # fmt: skip
_OWN: Mapping[str, Callable[[float], float]] = {"erf": math.erf, "erfc": math.erfc}
NAMES = frozenset({*_SAME, *_OTHERWISE, *_OWN, "rsqrt", "round"})
_MODULES = ("", ".cuda", ".hip")


def install() -> None:
    """Puts them in place of those that only a compiler can use."""
    for place in _MODULES:
        module = importlib.import_module(f"triton.language.extra{place}.libdevice")
        for name in NAMES & set(vars(module)):
            setattr(module, name, _elementwise(_numpy(name)))


def _numpy(name: str) -> Callable[..., Any]:
    import numpy as np  # noqa: PLC0415

    if name in _OWN:
        return np.vectorize(_OWN[name], otypes=[np.float64])
    if name == "rsqrt":
        return lambda x: 1 / np.sqrt(x)
    if name == "round":  # halves go away from zero
        return lambda x: np.copysign(np.floor(np.abs(x) + 0.5), x)
    found: Callable[..., Any] = getattr(np, _OTHERWISE.get(name, name))
    return found


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    import numpy as np  # noqa: PLC0415
    import triton.language as tl  # noqa: PLC0415
    from triton.runtime.interpreter import TensorHandle  # noqa: PLC0415

    def call(*given: Any, **_: object) -> Any:
        tensors = [g for g in given if isinstance(g, tl.tensor)]
        scalar = tensors[0].type.scalar
        arrays = [g.handle.data if isinstance(g, tl.tensor) else getattr(g, "value", g)
                  for g in given]  # fmt: skip
        with np.errstate(all="ignore"):
            data = np.asarray(function(*arrays))
        if data.dtype == bool:
            scalar = tl.int1
        else:
            data = data.astype(tensors[0].handle.data.dtype)
        blocks = any(t.type.is_block() for t in tensors)
        kind = tl.block_type(scalar, list(data.shape)) if blocks else scalar
        return tl.tensor(TensorHandle(data, scalar), kind)

    return call
