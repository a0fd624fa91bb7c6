"""Headers of the C++ library that NVRTC lacks, as far as kernels use them.

NVRTC has no standard headers, and those of CCCL take seconds to parse: what a kernel usually asks
for (types of fixed width, numeric limits, min and max) is written here in a few lines; the rest is
taken from CCCL, where it is to be had.
"""

from __future__ import annotations

from collections.abc import Mapping

# as CCCL has them under NVRTC
_WIDTHS = (
    ("int8_t", "signed char"), ("int16_t", "short"), ("int32_t", "int"), ("int64_t", "long long"),
    ("uint8_t", "unsigned char"), ("uint16_t", "unsigned short"), ("uint32_t", "unsigned int"),
    ("uint64_t", "unsigned long long"), ("intptr_t", "long long"),
    ("uintptr_t", "unsigned long long"),
)  # fmt: skip
_BOUNDS = """
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define SHRT_MIN (-32768)
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MIN (-2147483647 - 1)
#define INT_MAX 2147483647
#define UINT_MAX 4294967295u
#define LONG_MIN (-9223372036854775807l - 1)
#define LONG_MAX 9223372036854775807l
#define ULONG_MAX 18446744073709551615ul
#define LLONG_MIN (-9223372036854775807ll - 1)
#define LLONG_MAX 9223372036854775807ll
#define ULLONG_MAX 18446744073709551615ull
"""
_FLOATS = """
#define FLT_MAX 3.402823466e+38f
#define FLT_MIN 1.175494351e-38f
#define FLT_EPSILON 1.192092896e-07f
#define FLT_DIG 6
#define FLT_MANT_DIG 24
#define DBL_MAX 1.7976931348623158e+308
#define DBL_MIN 2.2250738585072014e-308
#define DBL_EPSILON 2.2204460492503131e-16
#define DBL_DIG 15
#define DBL_MANT_DIG 53
"""
_INFINITE = """
#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif
#ifndef NAN
#define NAN __int_as_float(0x7fffffff)
#endif
#ifndef M_PI
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_E 2.71828182845904523536
#define M_LN2 0.69314718055994530942
#define M_LOG2E 1.44269504088896340736
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440
#define M_2_SQRTPI 1.12837916709551257390
#endif
"""
_MATHS = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "copysign",
    "cos", "cosh", "erf", "erfc", "exp", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax",
    "fmin", "fmod", "hypot", "isfinite", "isinf", "isnan", "lgamma", "log", "log10", "log1p",
    "log2", "lrint", "nearbyint", "pow", "remainder", "rint", "round", "signbit", "sin", "sinh",
    "sqrt", "tan", "tanh", "tgamma", "trunc",
)  # fmt: skip
_MIN_MAX = """
namespace std {
template <class T>
__device__ constexpr const T& min(const T& a, const T& b) { return b < a ? b : a; }
template <class T>
__device__ constexpr const T& max(const T& a, const T& b) { return a < b ? b : a; }
template <class T> __device__ constexpr void swap(T& a, T& b) { T c = a; a = b; b = c; }
}
"""
_FROM_CCCL = (
    "array", "bit", "complex", "functional", "optional", "tuple", "type_traits", "utility",
)  # fmt: skip
_EMPTY = (
    "cuda.h", "cuda_runtime.h", "cuda_runtime_api.h", "device_launch_parameters.h", "stdio.h",
    "cstdio", "stdlib.h", "cstdlib", "string.h", "cstring", "assert.h", "cassert",
)  # fmt: skip


def _guarded(name: str, body: str) -> str:
    guard = "KERNELGEPA_" + "".join(c if c.isalnum() else "_" for c in name).upper()
    return f"#ifndef {guard}\n#define {guard}\n{body}\n#endif\n"


def _integers() -> str:
    lines = [f"typedef {meant} {name};" for name, meant in _WIDTHS]
    names = ("size_t", *(name for name, _ in _WIDTHS))
    lines += ["namespace std {", *(f"using ::{name};" for name in names), "}"]
    lines += [f"#define INT{n}_MAX {2 ** (n - 1) - 1}" for n in (8, 16, 32)]
    lines += [f"#define INT{n}_MIN (-{2 ** (n - 1) - 1} - 1)" for n in (8, 16, 32)]
    lines += [f"#define UINT{n}_MAX {2**n - 1}u" for n in (8, 16, 32)]
    lines += [
        "#define INT64_MAX 9223372036854775807ll",
        "#define UINT64_MAX 18446744073709551615ull",
    ]
    return "\n".join([*lines, "#define INT64_MIN (-9223372036854775807ll - 1)"])


def _limits() -> str:
    whole = (
        ("char", "-128", "127"), ("signed char", "-128", "127"), ("unsigned char", "0", "255"),
        ("short", "-32768", "32767"), ("unsigned short", "0", "65535"),
        ("int", "-2147483647 - 1", "2147483647"), ("unsigned int", "0", "4294967295u"),
        ("long", "-9223372036854775807l - 1", "9223372036854775807ll"),
        ("unsigned long", "0", "18446744073709551615ul"),
        ("long long", "-9223372036854775807ll - 1", "9223372036854775807ll"),
        ("unsigned long long", "0", "18446744073709551615ull"),
    )  # fmt: skip
    parts = ["namespace std {", "template <class T> struct numeric_limits;"]
    for name, low, high in whole:
        parts.append(
            f"template <> struct numeric_limits<{name}> {{"
            f" static __device__ constexpr {name} min() {{ return {low}; }}"
            f" static __device__ constexpr {name} lowest() {{ return {low}; }}"
            f" static __device__ constexpr {name} max() {{ return {high}; }} }};"
        )
    floats = (
        ("float", "1.175494351e-38f", "3.402823466e+38f", "1.192092896e-07f",
         "__int_as_float(0x7f800000)", "__int_as_float(0x7fc00000)"),
        ("double", "2.2250738585072014e-308", "1.7976931348623158e+308", "2.2204460492503131e-16",
         "__longlong_as_double(0x7ff0000000000000ll)",
         "__longlong_as_double(0x7ff8000000000000ll)"),
    )  # fmt: skip
    for name, least, most, epsilon, infinity, nan in floats:
        parts.append(
            f"template <> struct numeric_limits<{name}> {{"
            f" static __device__ constexpr {name} min() {{ return {least}; }}"
            f" static __device__ constexpr {name} lowest() {{ return -{most}; }}"
            f" static __device__ constexpr {name} max() {{ return {most}; }}"
            f" static __device__ constexpr {name} epsilon() {{ return {epsilon}; }}"
            f" static __device__ {name} infinity() {{ return {infinity}; }}"
            f" static __device__ {name} quiet_NaN() {{ return {nan}; }} }};"
        )
    return "\n".join([*parts, "}"])


def headers(cccl: bool) -> Mapping[str, str]:
    """Name -> text, to be given to NVRTC. `cccl`: whether its headers are on the include path."""
    made = dict.fromkeys(_EMPTY, "")
    integers, limits = _integers(), _limits()
    made |= {"stdint.h": integers, "cstdint": integers}
    made |= {"limits.h": _BOUNDS, "climits": _BOUNDS, "float.h": _FLOATS, "cfloat": _FLOATS}
    maths = "\n".join(["namespace std {", *(f"using ::{name};" for name in _MATHS), "}"])
    made |= {
        "math.h": _INFINITE,
        "cmath": f"#include <math.h>\n{maths}",
        "limits": limits,
        "algorithm": _MIN_MAX,
    }
    made |= {"stddef.h": "", "cstddef": "namespace std { using ::size_t; }"}
    if cccl:
        for name in _FROM_CCCL:
            made[name] = (
                f"#include <cuda/std/{name}>\nnamespace std {{ using namespace cuda::std; }}"
            )
    once = {"cstdint": "stdint.h", "climits": "limits.h", "cfloat": "float.h"}
    return {name: _guarded(once.get(name, name), body) for name, body in made.items()}
