"""What operations of torch are, written in the few operations that kernels are made of.

Each function takes the values and the call's arguments by name, and returns the name of the result
or None where this form of it is not known here: the call is then left to torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from kernelgepa.playbook.modules.values import COLUMNS, Operand, Values

Given: TypeAlias = Mapping[str, Any]  # operands by name; tuples for lists of numbers
Rule: TypeAlias = Callable[[Values, Given], "str | None"]
RULES: dict[str, tuple[tuple[str, ...], Rule]] = {}


def rule(names: str, parameters: str) -> Callable[[Rule], Rule]:
    """Registers a rule for the operations `names` whose parameters have these names, in order."""

    def register(function: Rule) -> Rule:
        for name in names.split():
            RULES[name] = (tuple(parameters.split()), function)
        return function

    return register


def _unary(name: str, op: str) -> None:
    RULES[name] = (("input",), lambda v, g: v.op(op, g["input"]))


for _name in (
    "relu", "abs", "neg", "exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "reciprocal", "sigmoid",
    "tanh", "erf", "silu", "mish", "hardswish", "hardsigmoid", "relu6", "square", "softsign",
):  # fmt: skip
    _unary(_name, _name)
_unary("negative", "neg")
_unary("swish", "silu")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _operand(value: Any) -> Operand | None:
    """A tensor's name or a number; None for what is neither."""
    if isinstance(value, str):
        return value
    return float(value) if _number(value) else None


def _sum(values: Values, given: Given, op: str) -> str | None:
    a, b = _operand(given["input"]), _operand(given["other"])
    alpha = given.get("alpha", 1)
    if a is None or b is None or not _number(alpha):
        return None
    if alpha != 1:
        b = float(alpha) * b if isinstance(b, float) else values.op("mul", b, float(alpha))
    return values.op(op, a, b)


RULES["add"] = (("input", "other", "alpha"), lambda v, g: _sum(v, g, "add"))
RULES["sub"] = (("input", "other", "alpha"), lambda v, g: _sum(v, g, "sub"))
RULES["subtract"] = RULES["sub"]


def _binary(names: str, op: str, boolean: bool = False) -> None:
    def made(values: Values, given: Given) -> str | None:
        a, b = _operand(given["input"]), _operand(given["other"])
        if a is None or b is None or given.get("rounding_mode") is not None:
            return None
        return values.op(op, a, b, boolean=boolean)

    for name in names.split():
        RULES[name] = (("input", "other"), made)


_binary("mul multiply", "mul")
_binary("truediv div divide true_divide", "div")
_binary("maximum", "maximum")
_binary("minimum", "minimum")
for _names, _op in (
    ("gt greater", "gt"), ("lt less", "lt"), ("ge greater_equal", "ge"), ("le less_equal", "le"),
    ("eq", "eq"), ("ne not_equal", "ne"),
):  # fmt: skip
    _binary(_names, _op, boolean=True)
RULES["rsub"] = (
    ("input", "other"),
    lambda v, g: RULES["sub"][1](v, {"input": g["other"], "other": g["input"]}),
)


@rule("pow", "input exponent")
def _pow(values: Values, given: Given) -> str | None:
    x, power = given["input"], given["exponent"]
    if not isinstance(x, str) or not _number(power):
        return None
    match float(power):
        case 1.0:
            return values.op("same", x)
        case 2.0:
            return values.op("square", x)
        case 3.0:
            return values.op("mul", values.op("square", x), x)
        case 4.0:
            return values.op("square", values.op("square", x))
        case 0.5:
            return values.op("sqrt", x)
        case -0.5:
            return values.op("rsqrt", x)
        case -1.0:
            return values.op("reciprocal", x)
    return None


@rule("clamp clip", "input min max")
def _clamp(values: Values, given: Given) -> str | None:
    made: str = given["input"]
    for key, op in (("min", "maximum"), ("max", "minimum")):
        bound = given.get(key)
        if bound is None:
            continue
        operand = _operand(bound)
        if operand is None:
            return None
        made = values.op(op, made, operand)
    return made if made != given["input"] else None


RULES["clamp_min"] = (("input", "min"), _clamp)
RULES["clamp_max"] = (("input", "max"), _clamp)
RULES["hardtanh"] = (
    ("input", "min_val", "max_val"),
    lambda v, g: _clamp(
        v, {"input": g["input"], "min": g.get("min_val", -1.0), "max": g.get("max_val", 1.0)}
    ),
)


@rule("leaky_relu", "input negative_slope")
def _leaky(values: Values, given: Given) -> str | None:
    return _with(values, "leaky_relu", given, negative_slope=0.01)


@rule("elu", "input alpha")
def _elu(values: Values, given: Given) -> str | None:
    return _with(values, "elu", given, alpha=1.0)


@rule("softplus", "input beta threshold")
def _softplus(values: Values, given: Given) -> str | None:
    return _with(values, "softplus", given, beta=1.0, threshold=20.0)


def _with(values: Values, op: str, given: Given, **defaults: float) -> str | None:
    numbers = [given.get(key, default) for key, default in defaults.items()]
    if not all(_number(n) for n in numbers):
        return None
    return values.op(op, given["input"], *(float(n) for n in numbers))


@rule("selu", "input")
def _selu(values: Values, given: Given) -> str:
    inner = values.op("elu", given["input"], 1.6732632423543772)
    return values.op("mul", inner, 1.0507009873554805)


@rule("gelu", "input approximate")
def _gelu(values: Values, given: Given) -> str | None:
    kind = given.get("approximate", "'none'")
    if kind not in ("'none'", "'tanh'"):
        return None
    return values.op("gelu" if kind == "'none'" else "gelu_tanh", given["input"])


@rule("logsigmoid log_sigmoid", "input")
def _logsigmoid(values: Values, given: Given) -> str:
    inner = values.op("softplus", values.op("neg", given["input"]), 1.0, 1e30)
    return values.op("neg", inner)


@rule("prelu", "input weight")
def _prelu(values: Values, given: Given) -> str | None:
    x, weight = given["input"], given["weight"]
    if not isinstance(weight, str) or math.prod(values.made[weight].shape) != 1:
        return None
    below = values.op("lt", x, 0.0, boolean=True)
    return values.op("where", below, values.op("mul", x, weight), x)


@rule("where", "condition input other")
def _where(values: Values, given: Given) -> str | None:
    condition = given["condition"]
    a, b = _operand(given["input"]), _operand(given["other"])
    if a is None or b is None or not isinstance(condition, str):
        return None
    return values.op("where", condition, a, b) if values.made[condition].boolean else None


@rule("float", "input")
def _float(values: Values, given: Given) -> str:
    held = values.made[given["input"]]
    return values.op("float" if held.boolean else "same", given["input"])


@rule("contiguous clone", "input")
def _same(values: Values, given: Given) -> str:
    return values.op("same", given["input"])


@rule("lerp", "input end weight")
def _lerp(values: Values, given: Given) -> str | None:
    a, b, w = given["input"], given["end"], _operand(given["weight"])
    if not isinstance(b, str) or w is None:
        return None
    return values.op("add", a, values.op("mul", values.op("sub", b, a), w))


def trailing(values: Values, name: str, dim: Any) -> int | None:
    """How many last dimensions `dim` names; None where it names others."""
    rank = len(values.made[name].shape)
    if dim is None:
        return rank
    dims = dim if isinstance(dim, tuple) else (dim,)
    if not all(isinstance(d, int) for d in dims):
        return None
    found = sorted(d % rank if rank else 0 for d in dims)
    return len(found) if found == list(range(rank - len(found), rank)) else None


def _reduction(names: str, op: str) -> None:
    def made(values: Values, given: Given) -> str | None:
        x, keep = given["input"], bool(given.get("keepdim", False))
        over = trailing(values, x, given.get("dim"))
        if not over or given.get("dtype") is not None:
            return None
        if op == "mean":
            return values.op("div", values.reduce("sum", x, over, keep), COLUMNS)
        return values.reduce(op, x, over, keep)

    for name in names.split():
        RULES[name] = (("input", "dim", "keepdim"), made)


_reduction("sum", "sum")
_reduction("mean", "mean")
_reduction("amax", "max")
_reduction("amin", "min")


def _var(values: Values, given: Given, root: bool) -> str | None:
    over = trailing(values, given["input"], given.get("dim"))
    correction = given.get("correction")
    if correction is None:
        correction = 1 if given.get("unbiased", True) else 0
    if not over or not _number(correction):
        return None
    keep = bool(given.get("keepdim", False))
    _, squares = _centred(values, given["input"], over, keep)
    found = values.op("div_less", squares, COLUMNS, float(correction))
    return values.op("sqrt", found) if root else found


_SPREAD = ("input", "dim", "unbiased", "keepdim", "correction")
RULES["var"] = (_SPREAD, lambda v, g: _var(v, g, False))
RULES["std"] = (_SPREAD, lambda v, g: _var(v, g, True))


def _centred(values: Values, x: str, over: int, keep: bool = True) -> tuple[str, str]:
    """The value less its mean, and the sum of the squares of that."""
    mean = values.op("div", values.reduce("sum", x, over, True), COLUMNS)
    centred = values.op("sub", x, mean)
    return centred, values.reduce("sum", values.op("square", centred), over, keep)


@rule("softmax", "input dim _stacklevel dtype")
def _softmax(values: Values, given: Given) -> str | None:
    over = trailing(values, given["input"], given.get("dim"))
    if over != 1 or given.get("dim") is None or given.get("dtype") is not None:
        return None
    x = given["input"]
    high = values.reduce("max", x, 1, True)
    shifted = values.op("exp", values.op("sub", x, high))
    scale = values.op("reciprocal", values.reduce("sum", shifted, 1, True))
    return values.op("mul", shifted, scale)


def _logsum(values: Values, x: str, over: int, keep: bool) -> tuple[str, str]:
    """The largest, and the logarithm of the sum of exponentials less it."""
    high = values.reduce("max", x, over, True)
    total = values.reduce("sum", values.op("exp", values.op("sub", x, high)), over, True)
    return high, values.op("log", total)


@rule("log_softmax", "input dim _stacklevel dtype")
def _log_softmax(values: Values, given: Given) -> str | None:
    over = trailing(values, given["input"], given.get("dim"))
    if over != 1 or given.get("dim") is None or given.get("dtype") is not None:
        return None
    high, log = _logsum(values, given["input"], 1, True)
    return values.op("sub", values.op("sub", given["input"], high), log)


@rule("logsumexp", "input dim keepdim")
def _logsumexp(values: Values, given: Given) -> str | None:
    over = trailing(values, given["input"], given.get("dim"))
    if not over:
        return None
    high, log = _logsum(values, given["input"], over, True)
    found = values.op("add", high, log)
    return found if given.get("keepdim") else values.reshaped("drop", found, over)


@rule("layer_norm", "input normalized_shape weight bias eps")
def _layer_norm(values: Values, given: Given) -> str | None:
    return _normed(values, given, True, given.get("eps", 1e-5))


@rule("rms_norm", "input normalized_shape weight eps")
def _rms_norm(values: Values, given: Given) -> str | None:
    eps = given.get("eps")
    return _normed(values, given, False, 2.0**-23 if eps is None else eps)


def _normed(values: Values, given: Given, centre: bool, eps: Any) -> str | None:
    over, x = given["normalized_shape"], given["input"]
    if not isinstance(over, tuple) or not _number(eps):
        return None
    if centre:
        x, squares = _centred(values, x, len(over))
    else:
        squares = values.reduce("sum", values.op("square", x), len(over), True)
    mean = values.op("add", values.op("div", squares, COLUMNS), float(eps))
    found = values.op("mul", x, values.op("rsqrt", mean))
    for key, op in (("weight", "mul"), ("bias", "add")):
        if given.get(key) is not None:
            found = values.op(op, found, given[key])
    return found


@rule("norm", "input p dim keepdim")
def _norm(values: Values, given: Given) -> str | None:
    power = given.get("p", given.get("ord", 2))
    over = trailing(values, given["input"], given.get("dim"))
    if power not in (1, 2, None, "'fro'") or not over:
        return None
    root = power != 1
    inner = values.op("square" if root else "abs", given["input"])
    found = values.reduce("sum", inner, over, bool(given.get("keepdim", False)))
    return values.op("sqrt", found) if root else found


RULES["vector_norm"] = (("input", "ord", "dim", "keepdim"), _norm)


@rule("normalize", "input p dim eps")
def _normalize(values: Values, given: Given) -> str | None:
    length = _norm(values, {"dim": 1, **given, "keepdim": True})
    if length is None:
        return None
    return values.op("div", given["input"], values.op("maximum", length, given.get("eps", 1e-12)))


def _losses(name: str, op: str) -> None:
    def made(values: Values, given: Given) -> str | None:
        a, b = given["input"], given["target"]
        if not isinstance(b, str) or given.get("reduction", "'mean'") != "'mean'":
            return None
        if values.made[a].shape != values.made[b].shape or not values.made[a].shape:
            return None
        inner = values.op(op, values.op("sub", a, b))
        total = values.reduce("sum", inner, len(values.made[a].shape), False)
        return values.op("div", total, COLUMNS)

    RULES[name] = (("input", "target", "size_average", "reduce", "reduction"), made)


_losses("mse_loss", "square")
_losses("l1_loss", "abs")


def unsqueezed(values: Values, given: Given) -> str | None:
    """unsqueeze at the end of a reduced value."""
    rank = len(values.made[given["input"]].shape)
    if given["dim"] not in (-1, rank):
        return None
    return values.reshaped("keep", given["input"], 1)


RULES["unsqueeze"] = (("input", "dim"), unsqueezed)


@rule("squeeze", "input dim")
def _squeezed(values: Values, given: Given) -> str | None:
    shape = values.made[given["input"]].shape
    if not shape or given.get("dim") not in (-1, len(shape) - 1) or shape[-1] != 1:
        return None
    return values.reshaped("drop", given["input"], 1)


# Attributes and parameters of modules of torch.nn that are an operation of their own.
MODULES: Mapping[str, tuple[str, Sequence[str]]] = {
    "ReLU": ("relu", ()), "GELU": ("gelu", ("approximate",)), "SiLU": ("silu", ()),
    "Sigmoid": ("sigmoid", ()), "Tanh": ("tanh", ()), "Mish": ("mish", ()),
    "Hardswish": ("hardswish", ()), "Hardsigmoid": ("hardsigmoid", ()), "ReLU6": ("relu6", ()),
    "Hardtanh": ("hardtanh", ("min_val", "max_val")), "ELU": ("elu", ("alpha",)),
    "SELU": ("selu", ()), "Softsign": ("softsign", ()), "LogSigmoid": ("logsigmoid", ()),
    "LeakyReLU": ("leaky_relu", ("negative_slope",)), "PReLU": ("prelu", ("weight",)),
    "Softplus": ("softplus", ("beta", "threshold")), "Softmax": ("softmax", ("dim",)),
    "LogSoftmax": ("log_softmax", ("dim",)), "Identity": ("contiguous", ()),
    "LayerNorm": ("layer_norm", ("normalized_shape", "eps", "weight", "bias")),
    "RMSNorm": ("rms_norm", ("normalized_shape", "eps", "weight")),
    "MSELoss": ("mse_loss", ("reduction",)), "L1Loss": ("l1_loss", ("reduction",)),
}  # fmt: skip
