"""Functions of floats in C++ that a compiler can vectorise: no branches, no calls, no tables.

Coefficients are ours, fitted for the least largest error; errors stay near one unit in the last
place. NaN stays NaN. Needs no -ffast-math, and is wrong under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# name -> the functions it calls, its text
_BITS = """static inline float from_bits(uint32_t u) { float f; memcpy(&f, &u, 4); return f; }
static inline uint32_t to_bits(float f) { uint32_t u; memcpy(&u, &f, 4); return u; }"""
FUNCTIONS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "from_bits": ((), _BITS),
    "exp_poly": (
        (),
        """// e^r for |r| <= ln(2) / 2, less one
static inline float exp_poly(float r) {
    const float z = r * r, high = 1.39504768e-3f * z + (8.36888243e-3f * r + 4.1666206e-2f);
    return z * (high * z + (1.66665189e-1f * r + 0.5f)) + r;
}""",
    ),
    "exp_": (
        ("from_bits", "exp_poly"),
        """// what would be below the least normal number is 0
static inline float exp_(float x) {
    const float c = x > 89.0f ? 89.0f : x, t = c * 1.44269504f + 12582912.0f;
    const float n = t - 12582912.0f, r = (c - n * 0.693359375f) + n * 2.12194440e-4f;
    const float y = (exp_poly(r) + 1.0f) * from_bits((to_bits(t) + 126u) << 23);
    return x < -87.0f ? 0.0f : y + y;
}""",
    ),
    "expm1_": (
        ("exp_", "exp_poly"),
        """static inline float expm1_(float x) {
    const float small = exp_poly(x), large = exp_(x) - 1.0f;
    return x * x < 0.12f ? small : large;
}""",
    ),
    "log_poly": (
        (),
        """// log(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2)
static inline float log_poly(float f) {
    const float s = f / (2.0f + f), z = s * s;
    const float r = z * ((2.98745997e-1f * z + 3.99774433e-1f) * z + 6.66667771e-1f);
    return f - s * (f - r);
}""",
    ),
    "log_": (
        ("from_bits", "log_poly"),
        """static inline float log_(float x) {
    const bool tiny = x < 1.17549435e-38f;
    const uint32_t u = to_bits(tiny ? x * 8388608.0f : x);
    const int e = (int)(u - 0x3f3504f3u) >> 23;
    const float f = from_bits(u - ((uint32_t)e << 23)) - 1.0f;
    const float n = (float)e - (tiny ? 23.0f : 0.0f);
    const float y = n * 0.693359375f + (log_poly(f) - n * 2.12194440e-4f);
    const float edge = x == 0.0f ? -INFINITY : NAN;
    return x > 0.0f ? (x > 3.4028234e38f ? x : y) : edge;
}""",
    ),
    "log1p_": (
        ("log_",),
        """static inline float log1p_(float x) {
    const float u = 1.0f + x, lost = x - (u - 1.0f);
    return u > 3.4028234e38f || !(u > 0.0f) ? log_(u) : log_(u) + lost / u;
}""",
    ),
    "softplus_": (
        ("exp_",),
        """// log(1 + e^x), by log(1 + u) for 0 <= u <= 1
static inline float softplus_(float x, float beta, float threshold) {
    const float y = x * beta;
    const float u = exp_(y < 0.0f ? y : -y), s = u / (2.0f + u), z = s * s;
    float q = 2.43075865e-1f;
    q = q * z + 2.14260314e-1f;
    q = q * z + 2.86170203e-1f;
    q = q * z + 3.99988734e-1f;
    q = q * z + 6.66666757e-1f;
    const float l = u - s * (u - z * q);
    return y > threshold ? x : ((y < 0.0f ? 0.0f : y) + l) / beta;
}""",
    ),
    "sigmoid_": (
        ("exp_",),
        "static inline float sigmoid_(float x) { return 1.0f / (1.0f + exp_(-x)); }",
    ),
    "tanh_": (
        ("exp_",),
        """static inline float tanh_(float x) {
    const float t = fabsf(x), z = x * x;
    float q = 2.23106105e-3f;
    q = q * z - 8.26708755e-3f;
    q = q * z + 2.17344384e-2f;
    q = q * z - 5.39524753e-2f;
    q = q * z + 1.33332478e-1f;
    q = q * z - 3.33333318e-1f;
    const float large = 1.0f - 2.0f / (exp_(2.0f * t) + 1.0f);
    return t < 0.6f ? x + x * (z * q) : (x < 0.0f ? -large : large);
}""",
    ),
    "erfc_log": (
        (),
        """// log(erfc(t)) for 0 <= t <= 5
static inline float erfc_log(float t) {
    const float z = t * t, y = z * z;
    const float a = (-6.36613956e-1f * t - 1.12837953f) + z * (1.91985449e-2f * t - 1.02803176e-1f);
    const float b =
        (-1.72101186e-3f * t + 1.44710978e-4f) + z * (-1.67357415e-4f * t + 7.13979431e-4f);
    const float c = (-2.01076399e-6f * t + 2.42175107e-5f) + z * 7.3259978e-8f;
    return t * (a + y * (b + y * c));
}""",
    ),
    "erf_": (
        ("exp_", "erfc_log"),
        """static inline float erf_(float x) {
    const float t = fabsf(x), z = x * x;
    float q = 7.88911948e-5f;
    q = q * z - 8.02084126e-4f;
    q = q * z + 5.18953534e-3f;
    q = q * z - 2.68544446e-2f;
    q = q * z + 1.12836002e-1f;
    q = q * z - 3.76126271e-1f;
    q = q * z + 1.12837917f;
    const float large = 1.0f - (t < 5.0f ? exp_(erfc_log(t)) : 0.0f);
    return t <= 1.0f ? x * q : (x != x ? x : (x < 0.0f ? -large : large));
}""",
    ),
    "gelu_": (
        ("exp_", "erfc_log"),
        """static inline float gelu_(float x) {
    const float t = fabsf(x) * 0.707106781f;
    const float tail = t < 5.0f ? 0.5f * exp_(erfc_log(t)) : 0.0f;
    return x * (x < 0.0f ? tail : 1.0f - tail);
}""",
    ),
    "gelu_tanh_": (
        ("exp_",),
        """static inline float gelu_tanh_(float x) {
    return x / (1.0f + exp_(-1.59576912f * (x + 0.044715f * x * x * x)));
}""",
    ),
    "silu_": (("exp_",), "static inline float silu_(float x) { return x / (1.0f + exp_(-x)); }"),
    "mish_": (
        ("exp_",),
        """static inline float mish_(float x) {
    const float e = exp_(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}""",
    ),
    "elu_": (
        ("expm1_",),
        """static inline float elu_(float x, float alpha) {
    return x > 0.0f ? x : alpha * expm1_(x);
}""",
    ),
    "max_": (
        (),
        """static inline float max_(float a, float b) { return a > b || a != a ? a : b; }""",
    ),
    "min_": (
        (),
        """static inline float min_(float a, float b) { return a < b || a != a ? a : b; }""",
    ),
}
# operation -> expression over {0}, {1}, ...
EXPRESSIONS: Mapping[str, str] = {
    "same": "{0}", "keep": "{0}", "drop": "{0}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}",
    "div_less": "{0} / ({1} - {2})", "neg": "-{0}", "abs": "fabsf({0})", "square": "{0} * {0}",
    "sqrt": "sqrtf({0})", "rsqrt": "1.0f / sqrtf({0})", "reciprocal": "1.0f / {0}",
    "exp": "exp_({0})", "expm1": "expm1_({0})", "log": "log_({0})", "log1p": "log1p_({0})",
    "sigmoid": "sigmoid_({0})", "tanh": "tanh_({0})", "erf": "erf_({0})",
    "relu": "{0} < 0.0f ? 0.0f : {0}", "silu": "silu_({0})", "gelu": "gelu_({0})",
    "gelu_tanh": "gelu_tanh_({0})", "mish": "mish_({0})",
    "softplus": "softplus_({0}, {1}, {2})", "elu": "elu_({0}, {1})",
    "leaky_relu": "{0} > 0.0f ? {0} : {0} * {1}",
    "relu6": "min_(max_({0}, 0.0f), 6.0f)",
    "hardswish": "{0} * min_(max_({0} + 3.0f, 0.0f), 6.0f) / 6.0f",
    "hardsigmoid": "min_(max_({0} + 3.0f, 0.0f), 6.0f) / 6.0f",
    "softsign": "{0} / (1.0f + fabsf({0}))",
    "maximum": "max_({0}, {1})", "minimum": "min_({0}, {1})",
    "where": "{0} ? {1} : {2}", "float": "{0} ? 1.0f : 0.0f",
    "lt": "{0} < {1}", "le": "{0} <= {1}", "gt": "{0} > {1}", "ge": "{0} >= {1}",
    "eq": "{0} == {1}", "ne": "{0} != {1}",
}  # fmt: skip


def functions(expressions: Iterable[str]) -> str:
    """The functions that these expressions call, each after those that it calls."""
    wanted: list[str] = []

    def want(name: str) -> None:
        for other in FUNCTIONS[name][0]:
            want(other)
        if name not in wanted:
            wanted.append(name)

    for text in expressions:
        for name in FUNCTIONS:
            if f"{name}(" in text:
                want(name)
    return "\n".join(FUNCTIONS[name][1] for name in wanted)
