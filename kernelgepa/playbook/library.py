"""Functions of the C and C++ libraries as expressions of operations the vector unit has."""

from __future__ import annotations

import math
from collections.abc import Callable

from kernelgepa.playbook.expressions import Graph, Node, Unsupported
from kernelgepa.playbook.kinds import BF16, F32, I8, I16, I32, U8, U16, U32, Kind

CONSTANTS: dict[str, tuple[Kind, float]] = {
    "INT8_MAX": (I32, I8.high), "INT8_MIN": (I32, I8.low), "UINT8_MAX": (I32, U8.high),
    "INT16_MAX": (I32, I16.high), "INT16_MIN": (I32, I16.low), "UINT16_MAX": (I32, U16.high),
    "INT32_MAX": (I32, I32.high), "INT32_MIN": (I32, I32.low), "UINT32_MAX": (U32, U32.high),
    "INT_MAX": (I32, I32.high), "INT_MIN": (I32, I32.low), "UINT_MAX": (U32, U32.high),
    "SCHAR_MAX": (I32, I8.high), "SCHAR_MIN": (I32, I8.low), "UCHAR_MAX": (I32, U8.high),
    "SHRT_MAX": (I32, I16.high), "SHRT_MIN": (I32, I16.low), "USHRT_MAX": (I32, U16.high),
    "FLT_MAX": (F32, 3.4028234663852886e38), "FLT_MIN": (F32, 1.1754943508222875e-38),
    "FLT_EPSILON": (F32, 2.0**-23), "M_PI": (F32, math.pi), "M_PI_2": (F32, math.pi / 2),
    "M_PI_4": (F32, math.pi / 4), "M_1_PI": (F32, 1 / math.pi), "M_2_PI": (F32, 2 / math.pi),
    "M_E": (F32, math.e), "M_LOG2E": (F32, math.log2(math.e)), "M_LN2": (F32, math.log(2)),
    "M_LN10": (F32, math.log(10)), "M_SQRT2": (F32, math.sqrt(2)),
    "M_SQRT1_2": (F32, math.sqrt(0.5)), "M_2_SQRTPI": (F32, 2 / math.sqrt(math.pi)),
    "numbers::pi_v<float>": (F32, math.pi), "numbers::pi": (F32, math.pi),
    "numbers::e": (F32, math.e), "numbers::e_v<float>": (F32, math.e),
    "INFINITY": (F32, math.inf), "HUGE_VALF": (F32, math.inf),
}  # fmt: skip


def limit(graph: Graph, kind: Kind | None, name: str) -> Node:
    """std::numeric_limits<T>::max() and its relatives. Raises Unsupported."""
    if kind is not None and not kind.floating and name in ("max", "min", "lowest"):
        return graph.const(kind.high if name == "max" else kind.low, kind)
    if kind == F32:
        found = {
            "max": 3.4028234663852886e38,
            "lowest": -3.4028234663852886e38,
            "min": 2.0**-126,
            "epsilon": 2.0**-23,
            "infinity": math.inf,
        }.get(name)
        if found is not None:
            return graph.const(found, F32)
    raise Unsupported(f"a limit: {name}")


def function(graph: Graph, name: str, given: list[Node]) -> Node:
    """A call's value. Raises Unsupported for functions there is no expression for."""
    plain = name.removeprefix("__builtin_")
    known = _FUNCTIONS.get((plain, len(given)))
    if known is None and plain.endswith("f"):
        known = _FUNCTIONS.get((plain[:-1], len(given)))
    if known is None:
        raise Unsupported(f"a call of {name}")
    return known(graph, *given)


def _f(graph: Graph, x: float) -> Node:
    return graph.const(x, F32)


def _min(graph: Graph, a: Node, b: Node) -> Node:
    return graph.extremum("min", a, b)


def _max(graph: Graph, a: Node, b: Node) -> Node:
    return graph.extremum("max", a, b)


def _clamp(graph: Graph, x: Node, low: Node, high: Node) -> Node:
    return _min(graph, _max(graph, x, low), high)


def _polynomial(graph: Graph, x: Node, coefficients: list[float]) -> Node:
    """Horner's scheme, the highest power's coefficient first."""
    made = _f(graph, coefficients[0])
    for c in coefficients[1:]:
        made = graph.binary("add", graph.binary("mul", made, x), _f(graph, c))
    return made


def round_to_even(graph: Graph, x: Node) -> Node:
    """The nearest integer of a float within +-2^31, as an int32."""
    return graph.unary_integer("nearest", graph.cast(x, F32))


def _exp2(graph: Graph, t: Node) -> Node:
    """2^t: the whole part goes to the exponent, the rest through a polynomial."""
    t = _clamp(graph, graph.cast(t, F32), _f(graph, -126.0), _f(graph, 127.0))
    whole = round_to_even(graph, t)
    rest = graph.binary("sub", t, graph.cast(whole, F32))
    # Taylor's series of 2^r about 0; |r| <= 1/2, so that the error is below 2^-17
    series = [math.log(2) ** n / math.factorial(n) for n in range(5, -1, -1)]
    fraction = _polynomial(graph, rest, series)
    power = graph.binary("shl", graph.binary("add", whole, graph.const(127, I32)),
                         graph.const(23, I32))  # fmt: skip
    return graph.binary("mul", fraction, graph.reinterpret(power, F32))


def _exp(graph: Graph, x: Node) -> Node:
    return _exp2(graph, graph.binary("mul", graph.cast(x, F32), _f(graph, math.log2(math.e))))


def _log2(graph: Graph, x: Node) -> Node:
    """Of a normal positive float: exponent, plus log2 of a mantissa in [sqrt(1/2), sqrt(2))."""
    bits = graph.reinterpret(graph.cast(x, F32), I32)
    offset = graph.binary("sub", bits, graph.const(0x3F3504F3, I32))
    exponent = graph.binary("shr", offset, graph.const(23, I32))
    scaled = graph.binary("sub", bits, graph.binary("shl", exponent, graph.const(23, I32)))
    m = graph.reinterpret(scaled, F32)
    z = graph.binary("div", graph.binary("sub", m, _f(graph, 1.0)),
                     graph.binary("add", m, _f(graph, 1.0)))  # fmt: skip
    square = graph.binary("mul", z, z)
    series = [2 / math.log(2) / n for n in (7, 5, 3, 1)]  # of atanh
    mantissa = graph.binary("mul", z, _polynomial(graph, square, series))
    return graph.binary("add", graph.cast(exponent, F32), mantissa)


def _log(graph: Graph, x: Node) -> Node:
    return graph.binary("mul", _log2(graph, x), _f(graph, math.log(2)))


def _log10(graph: Graph, x: Node) -> Node:
    return graph.binary("mul", _log2(graph, x), _f(graph, math.log10(2)))


def _log1p(graph: Graph, x: Node) -> Node:
    return _log(graph, graph.binary("add", graph.cast(x, F32), _f(graph, 1.0)))


def _expm1(graph: Graph, x: Node) -> Node:
    return graph.binary("sub", _exp(graph, x), _f(graph, 1.0))


def _tanh(graph: Graph, x: Node) -> Node:
    """1 - 2 / (e^2x + 1)."""
    e = _exp(graph, graph.binary("mul", graph.cast(x, F32), _f(graph, 2.0)))
    over = graph.binary("div", _f(graph, 2.0), graph.binary("add", e, _f(graph, 1.0)))
    return graph.binary("sub", _f(graph, 1.0), over)


def _sinh(graph: Graph, x: Node) -> Node:
    up, down = _exp(graph, x), _exp(graph, graph.negate(x))
    return graph.binary("mul", graph.binary("sub", up, down), _f(graph, 0.5))


def _cosh(graph: Graph, x: Node) -> Node:
    up, down = _exp(graph, x), _exp(graph, graph.negate(x))
    return graph.binary("mul", graph.binary("add", up, down), _f(graph, 0.5))


def _sine(graph: Graph, x: Node, ahead: float) -> Node:
    """sin(pi (x / pi + ahead)): folded to half a turn, then a polynomial."""
    turns = graph.binary("mul", graph.cast(x, F32), _f(graph, 1 / math.pi))
    turns = graph.binary("add", turns, _f(graph, ahead))
    whole = round_to_even(graph, turns)
    rest = graph.binary("sub", turns, graph.cast(whole, F32))
    angle = graph.binary("mul", rest, _f(graph, math.pi))
    square = graph.binary("mul", angle, angle)
    series = [(-1) ** n / math.factorial(2 * n + 1) for n in range(5, -1, -1)]
    made = graph.binary("mul", angle, _polynomial(graph, square, series))
    odd = graph.compare("ne", graph.binary("and", whole, graph.const(1, I32)), graph.const(0, I32))
    return graph.select(odd, graph.negate(made), made)


def _sin(graph: Graph, x: Node) -> Node:
    return _sine(graph, x, 0.0)


def _cos(graph: Graph, x: Node) -> Node:
    return _sine(graph, x, 0.5)


def _tan(graph: Graph, x: Node) -> Node:
    return graph.binary("div", _sin(graph, x), _cos(graph, x))


def _atan(graph: Graph, x: Node) -> Node:
    """An odd minimax polynomial on [0, 1], pi/2 minus that of the reciprocal beyond."""
    x = graph.cast(x, F32)
    size = graph.absolute(x)
    far = graph.compare("gt", size, _f(graph, 1.0))
    t = graph.select(far, graph.binary("div", _f(graph, 1.0), size), size)
    square = graph.binary("mul", t, t)
    series = [-0.01172120, 0.05265332, -0.11643287, 0.19354346, -0.33262347, 0.99997726]
    near = graph.binary("mul", t, _polynomial(graph, square, series))
    made = graph.select(far, graph.binary("sub", _f(graph, math.pi / 2), near), near)
    return graph.select(graph.compare("lt", x, _f(graph, 0.0)), graph.negate(made), made)


def _erf(graph: Graph, x: Node) -> Node:
    """Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7."""
    x = graph.cast(x, F32)
    size = graph.absolute(x)
    t = graph.binary("div", _f(graph, 1.0),
                     graph.binary("add", graph.binary("mul", size, _f(graph, 0.3275911)),
                                  _f(graph, 1.0)))  # fmt: skip
    series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592, 0.0]
    e = _exp(graph, graph.negate(graph.binary("mul", x, x)))
    made = graph.binary(
        "sub", _f(graph, 1.0), graph.binary("mul", _polynomial(graph, t, series), e)
    )
    return graph.select(graph.compare("lt", x, _f(graph, 0.0)), graph.negate(made), made)


def _floor(graph: Graph, x: Node) -> Node:
    return _rounded(graph, x, "floor")


def _ceil(graph: Graph, x: Node) -> Node:
    return _rounded(graph, x, "ceil")


def _rounded(graph: Graph, x: Node, way: str) -> Node:
    """Floats of 2^23 and more are whole already."""
    x = graph.cast(x, F32)
    whole = graph.cast(graph.cast(x, I32), F32)
    if way == "floor":
        less = graph.binary("sub", whole, _f(graph, 1.0))
        made = graph.select(graph.compare("gt", whole, x), less, whole)
    elif way == "ceil":
        more = graph.binary("add", whole, _f(graph, 1.0))
        made = graph.select(graph.compare("lt", whole, x), more, whole)
    else:
        made = whole
    large = graph.compare("ge", graph.absolute(x), _f(graph, 2.0**23))
    return graph.select(large, x, made)


def _trunc(graph: Graph, x: Node) -> Node:
    return _rounded(graph, x, "trunc")


def _round(graph: Graph, x: Node) -> Node:
    """Ties away from zero."""
    x = graph.cast(x, F32)
    size = graph.absolute(x)
    up = _rounded(graph, graph.binary("add", size, _f(graph, 0.5)), "trunc")
    return graph.select(graph.compare("lt", x, _f(graph, 0.0)), graph.negate(up), up)


def _rint(graph: Graph, x: Node) -> Node:
    x = graph.cast(x, F32)
    large = graph.compare("ge", graph.absolute(x), _f(graph, 2.0**23))
    return graph.select(large, x, graph.cast(round_to_even(graph, x), F32))


def _lround(graph: Graph, x: Node) -> Node:
    return graph.cast(_round(graph, x), I32)


def _pow(graph: Graph, x: Node, y: Node) -> Node:
    if y.constant and y.number in (0.5, -0.5):
        return graph.unary("sqrt" if y.number > 0 else "invsqrt", x)
    if y.constant and float(y.number).is_integer() and 0 < y.number <= 8:
        x = graph.cast(x, F32)
        made = x
        for _ in range(int(y.number) - 1):
            made = graph.binary("mul", made, x)
        return made
    return _exp2(graph, graph.binary("mul", graph.cast(y, F32), _log2(graph, x)))


def _sqrt(graph: Graph, x: Node) -> Node:
    return graph.unary("sqrt", x)


def _inverse(graph: Graph, x: Node) -> Node:
    return graph.unary("inv", x)


def _inverse_root(graph: Graph, x: Node) -> Node:
    return graph.unary("invsqrt", x)


def _absolute(graph: Graph, x: Node) -> Node:
    return graph.absolute(x)


def _multiply_add(graph: Graph, a: Node, b: Node, c: Node) -> Node:
    return graph.binary("add", graph.binary("mul", a, b), c)


def _copysign(graph: Graph, x: Node, y: Node) -> Node:
    size = graph.absolute(graph.cast(x, F32))
    negative = graph.compare("lt", graph.reinterpret(graph.cast(y, F32), I32), graph.const(0, I32))
    return graph.select(negative, graph.negate(size), size)


def _isnan(graph: Graph, x: Node) -> Node:
    return graph.compare("ne", x, x)


def _signbit(graph: Graph, x: Node) -> Node:
    return graph.compare("lt", graph.reinterpret(graph.cast(x, F32), I32), graph.const(0, I32))


def _popcount(graph: Graph, x: Node) -> Node:
    """The ones of an integer of up to 32 bits, all fields added at once."""
    x = graph.cast(x, U32)

    def c(number: int) -> Node:
        return graph.const(number, U32)

    def fields(at: Node, shift: int, mask: int) -> Node:
        low = graph.binary("and", at, c(mask))
        return graph.binary("add", low, graph.binary("and", graph.binary("shr", at, c(shift)),
                                                     c(mask)))  # fmt: skip

    wide = x.high.bit_length()
    for shift, mask in ((1, 0x55555555), (2, 0x33333333), (4, 0x0F0F0F0F)):
        x = fields(x, shift, mask)
    if wide > 8:
        x = fields(x, 8, 0x00FF00FF)
    if wide > 16:
        x = fields(x, 16, 0x0000FFFF)
    return graph.cast(x, I32)


_FUNCTIONS: dict[tuple[str, int], Callable[..., Node]] = {
    ("min", 2): _min, ("max", 2): _max, ("fmin", 2): _min, ("fmax", 2): _max,
    ("clamp", 3): _clamp, ("abs", 1): _absolute, ("fabs", 1): _absolute, ("labs", 1): _absolute,
    ("sqrt", 1): _sqrt, ("inv", 1): _inverse, ("invsqrt", 1): _inverse_root,
    ("rsqrt", 1): _inverse_root, ("exp", 1): _exp, ("exp2", 1): _exp2, ("expm1", 1): _expm1,
    ("log", 1): _log, ("log2", 1): _log2, ("log10", 1): _log10, ("log1p", 1): _log1p,
    ("tanh", 1): _tanh, ("sinh", 1): _sinh, ("cosh", 1): _cosh, ("sin", 1): _sin, ("cos", 1): _cos,
    ("tan", 1): _tan, ("atan", 1): _atan, ("erf", 1): _erf, ("floor", 1): _floor,
    ("ceil", 1): _ceil, ("trunc", 1): _trunc, ("round", 1): _round, ("rint", 1): _rint,
    ("nearbyint", 1): _rint, ("roundeven", 1): _rint, ("lround", 1): _lround, ("pow", 2): _pow,
    ("fma", 3): _multiply_add, ("copysign", 2): _copysign, ("isnan", 1): _isnan,
    ("signbit", 1): _signbit, ("popcount", 1): _popcount,
}  # fmt: skip

__all__ = ["BF16", "CONSTANTS", "function", "limit", "round_to_even"]
