"""The scalar maths of the simulated core against Python's, on random and on edge values."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest

from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Stage

HEADERS = "#include <cmath>\n#include <stdint.h>\n"
BUFFERS = Interface("k", (Parameter("in", "in", "int32"), Parameter("out", "out", "int32")))
UNARY = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "sin", "cos",
    "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
    "erfc", "tgamma", "lgamma", "floor", "ceil", "trunc", "round", "rint", "nearbyint",
    "fabs",
]  # fmt: skip
BINARY = [
    "pow", "atan2", "hypot", "fmod", "remainder", "fdim", "fmax", "fmin", "copysign",
    "nextafter",
]  # fmt: skip
EXACT = frozenset([
    "sqrt", "floor", "ceil", "trunc", "round", "rint", "nearbyint", "fabs", "fmod",
    "remainder", "fdim", "fmax", "fmin", "copysign", "nextafter",
])  # fmt: skip
NUMPY_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "nearbyint": "rint", "pow": "power", "atan2": "arctan2",
}  # fmt: skip
EDGES = np.array(
    [0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-310, 2.2250738585072014e-308, 1e-20,
     -1e-20, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0, 2.5, -2.5, 3.0, -3.0, 0.49999999999999994,
     100.0, -100.0, 709.7, -745.1, 710.5, -746.0, 171.6, 172.0, -171.5, 2.0**20, 2.0**31, 2.0**52,
     2.0**53 - 1, -(2.0**52) - 1, 1e22, 1e300, -1e300, 1.7976931348623157e308]
)  # fmt: skip


def execute(body: str, data: bytes, out_bytes: int, before: str = HEADERS) -> Execution:
    """Runs `void k(int32_t *in, int32_t *out) { body }` on raw bytes."""
    source = f"{before}\nvoid k(int32_t *in, int32_t *out) {{\n{body}\n}}\n"
    return execute_here(source, BUFFERS, [Case("one", {"in": data}, {"out": out_bytes}, {})])


def output(execution: Execution) -> bytes:
    assert execution.stage is Stage.COMPARE, execution
    return execution.cases[0].outputs["out"]


def apply(calls: Sequence[str], kind: type[np.floating], *arguments: np.ndarray) -> np.ndarray:
    """Row f: calls[f], an expression in x, y and z, over the arguments.

    An argument is one row of values for all calls, or one row for each.
    """
    ctype, count = ("float" if kind is np.float32 else "double"), arguments[0].shape[-1]
    loops, at, starts = [], 0, []
    for values in arguments:
        starts.append((at, count if values.ndim == 2 else 0))
        at += values.size
    for row, call in enumerate(calls):
        given = ", ".join(
            f"{name} = a[{start + row * step} + i]"
            for name, (start, step) in zip("xyz", starts, strict=False)
        )
        place = f"r[{row * count} + i]"
        loops.append(f"for (int i = 0; i < {count}; i++) {{ {ctype} {given}; {place} = {call}; }}")
    body = f"const {ctype} *a = (const {ctype} *)in;\n{ctype} *r = ({ctype} *)out;\n"
    data = np.concatenate([v.ravel() for v in arguments]).astype(kind).tobytes()
    size = len(calls) * count * np.dtype(kind).itemsize
    done = output(execute(body + "\n".join(loops), data, size))
    return np.frombuffer(done, kind).reshape(len(calls), count)


def by_numpy(name: str, *x: float) -> float:
    function = getattr(np, NUMPY_NAMES.get(name, name))
    with np.errstate(all="ignore"):
        return float(function(*(np.float64(v) for v in x)))


def rounded_half_away(x: float) -> float:
    if not math.isfinite(x):
        return x
    whole = math.floor(abs(x))
    return math.copysign(float(whole + (abs(x) - whole >= 0.5)), x)


def gamma(x: float) -> float:
    if x == 0:
        return math.copysign(math.inf, x)
    try:
        return math.gamma(x)
    except ValueError:
        return math.nan
    except OverflowError:
        return math.copysign(math.inf, x)


def log_gamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


def remainder(x: float, y: float) -> float:
    return math.nan if math.isinf(x) or y == 0 else math.remainder(x, y)


def difference(x: float, y: float) -> float:
    if math.isnan(x) or math.isnan(y):
        return math.nan
    return x - y if x > y else 0.0


def larger(x: float, y: float) -> float:
    """A NaN is no number to choose; +0 is larger than -0."""
    if math.isnan(x) or math.isnan(y):
        return y if math.isnan(x) else x
    return max((x, math.copysign(1, x)), (y, math.copysign(1, y)))[0]


OWN: dict[str, Callable[..., float]] = {
    "round": rounded_half_away,
    "tgamma": gamma,
    "lgamma": log_gamma,
    "remainder": remainder,
    "fdim": difference,
    "fmax": larger,
    "fmin": lambda x, y: -larger(-x, -y),
    "erf": math.erf,
    "erfc": math.erfc,
}


def reference(name: str, *x: float) -> float:
    """In double: Python's own function, numpy's where Python raises or has none."""
    if name in OWN:
        return OWN[name](*x)
    if name in EXACT or not hasattr(math, name):
        return by_numpy(name, *x)
    try:
        return float(getattr(math, name)(*x))
    except (ValueError, OverflowError):
        return by_numpy(name, *x)


def inputs(name: str, count: int, random: np.random.Generator) -> np.ndarray:
    """Values spread over where the function is interesting."""
    low, high = {
        "exp": (-750, 712), "exp2": (-1080, 1030), "expm1": (-40, 712), "sinh": (-712, 712),
        "cosh": (-712, 712), "asin": (-1, 1), "acos": (-1, 1), "atanh": (-1, 1), "erf": (-6, 6),
        "erfc": (-6, 28), "tgamma": (-20, 172), "lgamma": (0, 1000), "tanh": (-22, 22),
    }.get(name, (-1e4, 1e4))  # fmt: skip
    third = count // 3
    wide = random.uniform(low, high, third)
    near = np.clip(random.normal(size=third) * 2, low, high)
    tiny = random.normal(size=count - 2 * third) * 10.0 ** random.uniform(-9, 0, count - 2 * third)
    values = np.concatenate([wide, near, np.clip(tiny, low, high)])
    if name.startswith(("log", "lgamma", "sqrt")):
        values = abs(values)
    return 1 + abs(values) if name == "acosh" else values


def ordered(x: np.ndarray) -> np.ndarray:
    """Bits as integers in the order of the numbers; their difference counts ulps."""
    bits = np.asarray(x, np.float64).view(np.int64)
    return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)


def mismatches(got: np.ndarray, want: np.ndarray, ulps: int) -> list[tuple[int, float, float]]:
    """Places where doubles differ by more than `ulps`, in sign of zero, or in being NaN."""
    wrong = []
    for i, (g, w) in enumerate(zip(got.tolist(), want.tolist(), strict=True)):
        if math.isnan(g) or math.isnan(w):
            same = math.isnan(g) and math.isnan(w)
        elif g == 0 and w == 0:
            same = math.copysign(1, g) == math.copysign(1, w)
        else:
            a, b = ordered(np.array([g, w])).tolist()
            same = abs(a - b) <= ulps
        if not same:
            wrong.append((i, g, w))
    return wrong


def ulps_allowed(name: str) -> int:
    """Python's own gamma function is several ulps off."""
    return 0 if name in EXACT else 16 if name == "tgamma" else 2


def compare(names: Sequence[str], got: np.ndarray, *x: np.ndarray) -> None:
    for row, name in enumerate(names):
        columns = [(v[row] if v.ndim == 2 else v).tolist() for v in x]
        want = np.array([reference(name, *a) for a in zip(*columns, strict=True)])
        if name == "lgamma":  # Python's has an absolute error
            with np.errstate(invalid="ignore"):
                close = abs(got[row] - want) < 2e-15 * np.maximum(1, abs(want))
            want = np.where(close, got[row], want)
        wrong = [
            (*(c[i] for c in columns), g, w)
            for i, g, w in mismatches(got[row], want, ulps_allowed(name))
        ]
        assert not wrong, (name, wrong[:5])


@pytest.mark.parametrize("names", [UNARY[:16], UNARY[16:]])
def test_double_functions_of_one_number_are_within_two_ulps(names: list[str]):
    random = np.random.default_rng(7)
    x = np.stack([inputs(name, 150, random) for name in names])
    compare(names, apply([f"std::{name}(x)" for name in names], np.float64, x), x)


@pytest.mark.parametrize("names", [UNARY[:16], UNARY[16:]])
def test_double_functions_of_one_number_at_edges(names: list[str]):
    compare(names, apply([f"{name}(x)" for name in names], np.float64, EDGES), EDGES)


def test_double_functions_of_two_numbers_are_within_two_ulps():
    random = np.random.default_rng(8)
    x = random.normal(size=160) * 10.0 ** random.uniform(-8, 8, 160)
    y = random.normal(size=160) * 10.0 ** random.uniform(-4, 4, 160)
    x[::4] = abs(x[::4])
    y[::2] = np.clip(y[::2], -30, 30)
    y[1::8] = np.rint(y[1::8])
    compare(BINARY, apply([f"std::{name}(x, y)" for name in BINARY], np.float64, x, y), x, y)


def test_double_functions_of_two_numbers_at_edges():
    some = EDGES[[0, 1, 2, 3, 4, 5, 8, 11, 12, 13, 14, 18, 21, 22, 37, 40]]
    x, y = (v.ravel() for v in np.meshgrid(some, some))
    compare(BINARY, apply([f"{name}(x, y)" for name in BINARY], np.float64, x, y), x, y)


def float_errors(name: str, got: np.ndarray, *x: np.ndarray) -> list[tuple[float, ...]]:
    """Where a float result is farther than 0.501 ulp from the double one."""
    wrong = []
    for g, *arguments in zip(got.tolist(), *(v.tolist() for v in x), strict=True):
        exact = reference(name, *arguments)
        with np.errstate(over="ignore"):
            rounded = np.float32(exact)
        if not np.isfinite(rounded) or exact == 0 or not math.isfinite(g):
            same = float(rounded) == g or (math.isnan(exact) and math.isnan(g))
        else:
            same = abs(g - exact) <= 0.501 * float(np.spacing(abs(rounded)))
        if not same:
            wrong.append((*arguments, g, exact))
    return wrong


def test_float_functions_round_the_double_result():
    random = np.random.default_rng(9)
    x = np.stack([inputs(name, 200, random) for name in UNARY]).astype(np.float32)
    got = apply([f"{name}f(x)" for name in UNARY], np.float32, x)
    for row, name in enumerate(UNARY):
        assert not float_errors(name, got[row], x[row])[:5], name


def test_float_functions_at_edges_and_in_namespace_std():
    with np.errstate(over="ignore"):
        x = np.append(EDGES, [1e-40, 3.4e38, 88.7, -103.9]).astype(np.float32)
    got = apply([f"std::{name}(x)" for name in UNARY], np.float32, x)
    for row, name in enumerate(UNARY):
        assert not float_errors(name, got[row], x)[:5], name


def test_float_functions_of_two_numbers():
    random = np.random.default_rng(10)
    x = (random.normal(size=200) * 10.0 ** random.uniform(-3, 3, 200)).astype(np.float32)
    y = (random.normal(size=200) * 8).astype(np.float32)
    x[::2] = abs(x[::2])
    names = [name for name in BINARY if name != "nextafter"]
    got = apply([f"{name}f(x, y)" for name in names], np.float32, x, y)
    for row, name in enumerate(names):
        assert not float_errors(name, got[row], x, y)[:5], name
    following = apply(["nextafterf(x, y)"], np.float32, x, y)[0]
    assert np.array_equal(following, np.nextafter(x, y))


# x, gamma(x), log |gamma(x)|, computed with 400 bits
GAMMA = """
1e-08 99999999.42278434 18.42068073818021
0.2 4.590843711998803 1.5240638224307845
0.75 1.2254167024651776 0.20328095143129538
0.9999 1.0000577314579577 5.7729791561193866e-05
1.0001 0.9999422883231625 -5.771334222047127e-05
1.25 0.906402477055477 -0.09827183642181316
1.4616321449683622 0.8856031944108887 -0.12148629053584961
1.7648982788946832 0.9225352283348607 -0.08062971589972606
1.9999 0.9999577256848119 -4.227520877215346e-05
2.0001 1.0000422825519948 4.2281658112919945e-05
2.25 1.1330030963193463 0.1248717148923966
3.0 2.0 0.6931471805599453
7.5 1871.2543057977884 7.534364236758733
19.75 5.797929103669752e+16 38.59886229060776
20.5 5.406242982335075e+17 40.8315009745308
100.25 2.94846628183877e+156 360.28455963776423
170.5 5.56209241456e+305 704.0044277342047
-0.5 -3.544907701811032 1.2655121234846454
-1.25 3.9213334478885686 1.3664317612369763
-10.75 -2.0442299120584687e-07 -15.403074503504817
-100.5 -3.3536908198076787e-159 -364.90096830942736
"""


def test_gamma_functions_against_exact_values():
    table = np.array([[float(v) for v in line.split()] for line in GAMMA.strip().splitlines()])
    got = apply(["tgamma(x)", "lgamma(x)"], np.float64, table[:, 0])
    assert not mismatches(got[0], table[:, 1], 1)
    assert not mismatches(got[1], table[:, 2], 1)


def test_trigonometry_of_large_arguments_is_exact_to_two_ulps():
    random = np.random.default_rng(11)
    x = np.ldexp(random.uniform(-2, 2, 250), random.integers(10, 1023, 250))
    names = ["sin", "cos", "tan"]
    compare(names, apply([f"{name}(x)" for name in names], np.float64, x), x)


def correctly_rounded(x: float, y: float, z: float) -> float:
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    return float(exact) if exact else x * y + z


def test_fma_rounds_once():
    random = np.random.default_rng(12)
    x, y = (np.ldexp(random.uniform(-2, 2, 300), random.integers(-40, 40, 300)) for _ in "xy")
    z = -(x * y) * np.where(random.random(300) < 0.5, 1, 1 + random.normal(size=300) * 1e-9)
    z[::3] = np.ldexp(random.uniform(-2, 2, 100), random.integers(-160, 160, 100))
    x[-20:], y[-20:], z[-20:] = x[-20:] * 1e-160, y[-20:] * 1e-160, random.normal(size=20) * 1e-320
    got = apply(["fma(x, y, z)"], np.float64, x, y, z)[0]
    want = [correctly_rounded(*v) for v in zip(x.tolist(), y.tolist(), z.tolist(), strict=True)]
    assert not mismatches(got, np.array(want), 0)[:5]


def nearest_float(exact: Fraction) -> float:
    """Nearest-even float32 of a rational, among the floats around its double."""
    middle = np.float32(float(exact))
    around = (
        np.nextafter(middle, np.float32(-np.inf)),
        middle,
        np.nextafter(middle, np.float32(np.inf)),
    )
    return float(
        min(around, key=lambda f: (abs(Fraction(float(f)) - exact), int(f.view(np.uint32)) & 1))
    )


def test_fmaf_rounds_once():
    random = np.random.default_rng(13)
    x, y = (random.normal(size=400).astype(np.float32) for _ in "xy")
    z = -(x * y) * np.where(np.arange(400) % 2, 1, 2.0**-24).astype(np.float32)
    # halfway between two floats but for a third term far below a double's last bit
    x[:4], y[:4], z[:4] = (1 + 2**-12), (1 + 2**-12), [2**-80, -(2**-80), 2**-60, -(2**-60)]
    got = apply(["std::fma(x, y, z)"], np.float32, x, y, z)[0].tolist()
    want = [
        nearest_float(Fraction(a) * Fraction(b) + Fraction(c))
        for a, b, c in zip(x.tolist(), y.tolist(), z.tolist(), strict=True)
    ]
    assert got == want


def test_parts_of_numbers_and_roundings_to_integers():
    x = np.append(
        EDGES, np.ldexp(np.random.default_rng(14).uniform(-2, 2, 80), np.arange(-1074, 1006, 26))
    )
    finite = np.where(np.isfinite(x), x, 0.0)
    calls = [
        "[&] { int e; double m = std::frexp(x, &e); return m; }()",
        "[&] { int e; std::frexp(x, &e); return (double)e; }()",
        "[&] { double w; return std::modf(x, &w); }()",
        "[&] { double w; std::modf(x, &w); return w; }()",
        "std::ldexp(x, -30)",
        "scalbn(x, i * 40 - 2000)",
        "logb(x)",
        "(double)std::lround(fmax(-2e9, fmin(x, 2e9)))",
        "(double)std::llrint(fmax(-9e18, fmin(x, 9e18)))",
    ]
    got = apply(calls, np.float64, finite)
    mantissa, exponent = np.frexp(finite)
    fraction, whole = np.modf(finite)
    with np.errstate(all="ignore"):
        logb = np.where(finite == 0, -np.inf, exponent - 1.0)
        wanted = [
            mantissa, exponent.astype(float), fraction, whole, np.ldexp(finite, -30),
            np.ldexp(finite, np.arange(len(x)) * 40 - 2000), logb,
            np.array([rounded_half_away(v) for v in np.clip(finite, -2e9, 2e9)]) + 0.0,
            np.rint(np.clip(finite, -9e18, 9e18)) + 0.0,
        ]  # fmt: skip
    for call, row, want in zip(calls, got, wanted, strict=True):
        assert not mismatches(row, want, 0)[:5], call


def test_the_bits_are_the_same_everywhere():
    x = np.linspace(-4, 4, 100)
    names = [n for n in UNARY if n not in EXACT]
    got = apply([f"{n}(x)" for n in names], np.float64, x)
    got = np.where(np.isnan(got), 0.0, got)
    assert hashlib.sha256(got.tobytes()).hexdigest()[:16] == "df2429ac4c717b85"
