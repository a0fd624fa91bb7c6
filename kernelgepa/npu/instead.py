"""What to write instead of names that the API does not have. Only asked once a compile failed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from functools import cache

from kernelgepa.npu import toolchain

# Names that kernels written for other machines use, and what does the same here. The API's own
# near names (load -> load_v) are found by likeness and need no entry.
_APART = {
    "exp": "there is no vector exponential on AIE2; use a polynomial or table in aie::mul and "
    "aie::mac, or scalar expf",
    "exp2": "aie::exp2 needs AIE2P; on AIE2 use a polynomial, aie::parallel_lookup or "
    "aie::linear_approx",
    "tanh": "aie::tanh needs AIE2P; on AIE2 use a polynomial or aie::linear_approx",
    "log": "there is no vector logarithm; use a polynomial, aie::linear_approx or scalar logf",
    "sin": "there is no vector sine on AIE2; use a polynomial or a table",
    "cos": "there is no vector cosine on AIE2; use a polynomial or a table",
    "pow": "there is no vector power; multiply by aie::mul",
    "sigmoid": "there is no vector sigmoid; use aie::linear_approx, or a polynomial and aie::inv",
    "relu": "use aie::max(v, T(0))",
    "sum": "use aie::reduce_add",
    "reduce": "use aie::reduce_add, aie::reduce_max or aie::reduce_min",
    "reduce_sum": "use aie::reduce_add",
    "dot": "use aie::mac into an accumulator, then aie::reduce_add",
    "fma": "use aie::mac(acc, a, b)",
    "madd": "use aie::mac(acc, a, b)",
    "blend": "use aie::select(a, b, mask)",
    "where": "use aie::select(a, b, mask)",
    "set1": "use aie::broadcast<T, N>(x)",
    "splat": "use aie::broadcast<T, N>(x)",
    "fill": "use aie::broadcast<T, N>(x)",
    "rsqrt": "use aie::invsqrt",
    "rcp": "use aie::inv",
    "reciprocal": "use aie::inv",
    "cast": "use v.cast_to<T>() for the bits, v.pack(), v.unpack(), aie::to_float or aie::to_fixed",
    "convert": "use aie::to_float, aie::to_fixed, v.pack() or v.unpack()",
    "shift_left": "use aie::upshift",
    "shift_right": "use aie::downshift",
    "floor": "there is no vector rounding; aie::to_fixed and aie::to_float, or an accumulator's "
    "to_vector under aie::set_rounding",
    "ceil": "there is no vector rounding; aie::to_fixed and aie::to_float, or an accumulator's "
    "to_vector under aie::set_rounding",
    "round": "there is no vector rounding; aie::to_fixed and aie::to_float, or an accumulator's "
    "to_vector under aie::set_rounding",
    "rotate": "use aie::shuffle_up_rotate or aie::shuffle_down_rotate",
    "shift": "use aie::upshift, aie::downshift, aie::shuffle_up or aie::shuffle_down",
    "bit_shift": "use aie::upshift or aie::downshift",
    "dot_product": "use aie::mac into an accumulator, then aie::reduce_add",
    "set_rounding_mode": "use aie::set_rounding(mode)",
    "set_saturation_mode": "use aie::set_saturation(mode)",
    "vector_begin": "use aie::begin_vector<N>(pointer)",
    "permute": "use aie::shuffle_up, aie::shuffle_down, aie::interleave_zip or aie::transpose",
    "shuffle": "use aie::shuffle_up, aie::shuffle_down, aie::interleave_zip or aie::transpose",
    "gather": "there is no gather; aie::parallel_lookup reads a table that is there four times; "
    "else load vectors and select, or index with scalars",
    "scatter": "there is no scatter; store vectors, or single elements",
    "lookup": "use aie::parallel_lookup<T, aie::lut<4, V>>(table, step_bits, bias).fetch(v)",
    **dict.fromkeys(
        ("interleave_butterfly", "interleave_crossover", "interleave_custom"),
        "it is of the first engine; use aie::interleave_zip, aie::interleave_unzip, "
        "aie::shuffle_up_rotate and aie::select",
    ),
    **dict.fromkeys(
        ("conj", "real", "imag", "abs_square", "op_conj"),
        "complex elements are not supported; keep real and imaginary parts in two vectors, as "
        "aie::filter_even and aie::filter_odd give them",
    ),
    "print": "a kernel has no output but its buffers",
    "minimum": "use aie::min",
    "maximum": "use aie::max",
    "accumulator": "use aie::accum<acc32, N>",
    "sliding_mul_sym": "use sliding_mul with all coefficients, the mirrored ones too",
    "sliding_mul_sym_ops": "use sliding_mul_ops with all coefficients, the mirrored ones too",
}
# Members that vectors, accumulators and masks do not have.
_MEMBERS = {
    "sum": "use aie::reduce_add(v)",
    "max": "use aie::reduce_max(v), or aie::max(v, w)",
    "min": "use aie::reduce_min(v), or aie::min(v, w)",
    "length": "use size()",
    "to_vector": "only accumulators have to_vector; this is a vector already",
    "to_float": "use aie::to_float(v)",
    "to_fixed": "use aie::to_fixed<T>(v, shift)",
    "add": "use aie::add(v, w)",
    "mul": "use aie::mul(v, w)",
    "mac": "use aie::mac(acc, v, w)",
    "multiply": "mmul has mul(a, b) and mac(a, b)",
    "ctz": "use __builtin_ctz(m.to_uint32()), or clz() from the other end",
    "any": "use !m.empty()",
    "none": "use m.empty()",
    "all": "use m.full()",
    "popcount": "use m.count()",
}
_MODES = {
    "rounding": "the modes are floor, ceil, positive_inf, negative_inf, symmetric_inf, "
    "symmetric_zero, symmetric_floor, symmetric_ceil, conv_even and conv_odd",
    "saturation": "the modes are none, saturate and symmetric",
}
_BITS = {"int8_t": "8", "int16_t": "16", "int32_t": "32", "bfloat16": "BF", "float": "FP"}
# headers of global names and of machine operations
_OUTSIDE = ("intrinsics.hpp", "products.hpp", "native.hpp", "machine.hpp")
_MODE = re.compile(r"^no member named '\w+' in 'aie::(?P<kind>rounding|saturation)_mode'")
_TO_ACCUM = re.compile(r"^no viable conversion from '[^']*vector<[^']*' to 'aie::accum<")
_MISSING = re.compile(r"^no (?:member|type|template) named '(?P<name>\w+)' in namespace 'aie'")
_MEMBER = re.compile(r"^no member named '(?P<name>\w+)' in 'aie::(?:vector|accum|mmul|mask)<")
_SUGGESTION = re.compile(r"; did you mean (?:simply )?'[^']*'\?")
_SUGGESTED = re.compile(r"; did you mean '(?:\w+::)*(?P<name>\w+)'\?")
_UNSHAPED = re.compile(
    r"undefined template 'aie::mmul<\d+, \d+, \d+, (?P<a>\w+)(?:, (?P<b>\w+))?[,>]"
)
_LISTED = re.compile(r"\{(\d+), (\d+), (\d+), (\w+), (\w+)\}")
_COMPOUND = re.compile(
    r"^no viable overloaded '[^' ]+='(?:$|.*vector_elem_ref<)"
    r"|^cannot (?:in|de)crement value of type 'vector_elem_ref<"
)
_UNTYPED = re.compile(r"accfloat>' evaluated to false|couldn't infer template argument 'T'")
_STANDARD = re.compile(r"^no (?:member|type|template) named '\w+' in namespace 'std'")
_FILE = re.compile(r"^'(?P<file>[^']*)' file not found")
_DECLARED = re.compile(
    r"^\s*(?:template <.*> )?(?:requires.*? )?inline [\w<>:, &*]*?(?<![\w:])\b([a-z]\w+)\(", re.M
)
_MACRO_DECLARED = re.compile(r"^__AIE_[A-Z_]+\(([a-z]\w+), ", re.M)


def of(message: str, reasons: Sequence[str] = ()) -> tuple[str, ...]:
    """What to do about a cleaned error message of clang; empty where it says enough."""
    missing = _MISSING.match(message)
    if missing:
        return _name(missing["name"], "did you mean" in message)
    member = _MEMBER.match(message)
    if member and member["name"] in _MEMBERS:
        return (_MEMBERS[member["name"]],)
    mode = _MODE.match(message)
    if mode:
        return (_MODES[mode["kind"]],)
    if _TO_ACCUM.match(message):
        return ("write aie::accum<tag, N>(vector), or acc.from_vector(vector, shift)",)
    unshaped = _UNSHAPED.search(message)
    if unshaped:
        return (_shapes(unshaped["a"], unshaped["b"] or unshaped["a"]),)
    if _STANDARD.match(message):
        return ("a kernel has scalar maths and no containers or streams of the standard library",)
    if _FILE.match(message):
        return (f"a kernel can include {', '.join(_includes())}",)
    if "call to 'to_vector'" in message and any(_UNTYPED.search(r) for r in reasons):
        return ("name the type of the result: to_vector<T>(shift)",)
    if _COMPOUND.search("; ".join((message, *reasons))):
        return (
            "of compound assignments vectors have += -= &= |= ^= and single elements none: "
            "write v[i] = v[i] + x",
        )
    return _argument(reasons)


def without_strange_suggestion(message: str, own: Collection[str] = ()) -> str:
    """Without clang's "did you mean" where it names what is not of the API, or we know better.

    `own` are names of the candidate: of a library it misses something, and none of these.
    """
    missing = _MISSING.match(message)
    known = missing is not None and missing["name"] in _APART
    meant = _SUGGESTED.search(message)
    library = missing is not None or _STANDARD.match(message)
    api = missing is None or (meant is not None and meant["name"] in _names())
    strange = meant is not None and library and (meant["name"] in own or not api)
    if known or strange or _MODE.match(message) or "did you mean simply" in message:
        return _SUGGESTION.sub("", message)
    return message


def _argument(reasons: Sequence[str]) -> tuple[str, ...]:
    """What to do about the argument for which every function of that name was ignored."""
    if any(r.startswith("invalid explicitly-specified argument") for r in reasons):
        return ("what stands in <> must be a constant expression or a type, in the order declared",)
    accum = any("accum<" in r and "does not satisfy 'Vector'" in r for r in reasons)
    if accum or any(r == "could not match 'vector' against 'accum'" for r in reasons):
        return ("an accumulator becomes a vector by .to_vector<T>(shift)",)
    return ()


def _name(name: str, suggested: bool) -> tuple[str, ...]:
    if name in _APART:
        return (_APART[name],)
    if suggested:
        return ()
    near = difflib.get_close_matches(name, _names(), n=3, cutoff=0.55)
    return (f"did you mean {' or '.join('aie::' + n for n in near)}?",) if near else ()


@cache
def _shapes(a: str, b: str) -> str:
    """What mmul takes of elements a and b, as our header lists it."""
    text = (toolchain.aie() / "include" / "aie_api" / "mmul.hpp").read_text()
    listed = text[text.index("constexpr bool listed") :]
    found = _LISTED.findall(listed[: listed.index("};")])
    sizes = [
        "x".join(s[:3])
        for s in found
        if s[3:] == tuple(_BITS.get(t.removeprefix("u")) for t in (a, b))
    ]
    if not sizes:
        return f"there is no matrix product of {a} and {b}"
    return f"the core has no such matrix shape; of {a} x {b} there are {', '.join(sizes)}"


@cache
def _names() -> tuple[str, ...]:
    """Functions and classes of namespace aie, as our headers declare them."""
    found = {"vector", "accum", "mask", "mmul"}
    folder = toolchain.aie() / "include" / "aie_api"
    for header in sorted(p for p in folder.glob("*.hpp") if p.name not in _OUTSIDE):
        text = re.sub(r"namespace detail \{.*?\n\}  // namespace detail", "", header.read_text(),
                      flags=re.DOTALL)  # fmt: skip
        found |= set(_DECLARED.findall(text)) | set(_MACRO_DECLARED.findall(text))
    return tuple(sorted(n for n in found if not n.startswith(("__", "is_")) and n[-1] != "_"))


@cache
def _includes() -> tuple[str, ...]:
    folder = toolchain.aie() / "include"
    own = sorted(p.name for p in folder.iterdir() if p.is_file())
    return ("aie_api/aie.hpp", *own)
