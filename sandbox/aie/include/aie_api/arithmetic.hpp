// Elementwise arithmetic, comparison, selection, bits and shifts.
#pragma once
#include "convert.hpp"

namespace aie {

template <class T, unsigned N = 512 / detail::bits_of<T>> inline vector<T, N> broadcast(T x) {
  using namespace detail;
  vector<T, N> r;
  __aie_v16 b = __AIE_BY_WIDTH(vbcst, T, to_bits(x));
  each<r.parts>([&](auto k) { r.d[k] = b; });
  return r;
}
template <class T, unsigned N, unsigned M> inline vector<T, N> broadcast(const vector_elem_ref<T, M> &x) { return broadcast<T, N>(x.get()); }
template <class T, unsigned N = 512 / detail::bits_of<T>> inline vector<T, N> zeros() { return broadcast<T, N>(detail::from_bits<T>(0)); }
template <class T, unsigned N> requires(detail::is_acc_tag<T>) inline accum<T, N> zeros() {
  accum<T, N> r;
  detail::each<accum<T, N>::parts>([&](auto k) { r.d[k] = __aie_vaccclr(); });
  return r;
}

namespace detail {
template <class A> struct plain { using type = A; };
template <class T, unsigned N> struct plain<vector_elem_ref<T, N>> { using type = T; };
template <class A> inline constexpr bool is_elem_ref = false;
template <class T, unsigned N> inline constexpr bool is_elem_ref<vector_elem_ref<T, N>> = true;
template <class A> inline constexpr bool is_scalar = std::is_arithmetic_v<A> || std::is_same_v<A, bfloat16> || is_elem_ref<A>;
}  // namespace detail
template <class A> concept Elem = detail::is_scalar<A>;
namespace detail {
template <class A> struct vector_traits;
template <class T, unsigned N> struct vector_traits<vector_ref<T, N>> : vector_traits<value_t<vector_ref<T, N>>> {};
template <class T, unsigned N> struct vector_traits<vector<T, N>> { using element = T; static constexpr unsigned lanes = N; };

// the vector type of an operation on a and b, one of which may be a scalar
template <class A, class B> struct common {
  static_assert(!is_accum<A> && !is_accum<B>, "an accumulator where a vector is wanted: use to_vector<T>(shift)");
  static_assert(is_vector<A> || is_vector<B>, "at least one operand must be a vector");
  using type = std::conditional_t<is_vector<A>, A, B>;
};
template <class T, unsigned N, class U, unsigned M> struct common<vector<T, N>, vector<U, M>> {
  static_assert(N == M, "vectors have different sizes (number of elements)");
  static_assert(std::is_same_v<T, U>, "vectors have different element types");
  using type = vector<T, N>;
};
template <class A, class B> using common_t = typename common<value_t<A>, value_t<B>>::type;
template <class V, class A> inline V as_vector(const A &a) {
  if constexpr (is_vector<A>) return a;
  else { using T = typename vector_traits<V>::element; return broadcast<T, vector_traits<V>::lanes>((T)(typename plain<A>::type)a); }
}
template <class A, class B> concept vector_operands = (Vector<A> && (Vector<B> || Elem<B>)) || (Elem<A> && Vector<B>);
template <class A, class B> concept mixed_up = (is_accum<A> && (is_vector<B> || is_scalar<B>)) || (is_accum<B> && (is_vector<A> || is_scalar<A>));

// r[k] = f(a[k], b[k]) over registers
template <class V, class F> inline V map2(const V &a, const V &b, F f) {
  V r;
  each<V::parts>([&](auto k) { r.d[k] = f(a.d[k], b.d[k]); });
  return r;
}
template <class V, class F> inline V map1(const V &a, F f) {
  V r;
  each<V::parts>([&](auto k) { r.d[k] = f(a.d[k]); });
  return r;
}
template <class T, unsigned N, class F> inline mask<N> map_mask(const vector<T, N> &a, const vector<T, N> &b, F f) {
  using V = vector<T, N>;
  mask<N> m;
  each<mask<N>::words>([&](auto w) {
    constexpr unsigned per = V::parts / mask<N>::words;
    __aie_mask bits = 0;
    each<per>([&](auto k) { bits |= (f(a.d[w * per + k], b.d[w * per + k]) & ones(V::lanes)) << (k * V::lanes % 64); });
    m.bits[w] = bits;
  });
  return m;
}
}  // namespace detail

// --- addition and subtraction
// bfloat16 sums are a multiplication by one, added to the first operand in an accumulator: the second
// operand then needs no conversion, as in the API for AIE2.
namespace detail {
template <bool minus, class T, unsigned N> inline vector<T, N> sum(const vector<T, N> &a, const vector<T, N> &b) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    accum<accfloat, N> x(a);
    __aie_v16 one = __aie_vbcst_w16(0x3f80);
    each<accum<accfloat, N>::parts>([&](auto k) {
      x.d[k] = minus ? __aie_vmsc_bf16(x.d[k], b.d[k / 2], one, k % 2) : __aie_vmac_bf16(x.d[k], b.d[k / 2], one, k % 2);
    });
    return x.template to_vector<bfloat16>();
  } else if constexpr (std::is_same_v<T, float>) {
    return map2(a, b, [](auto x, auto y) { return minus ? __aie_vaccsub_f32(x, y) : __aie_vaccadd_f32(x, y); });
  } else {
    return map2(a, b, [](auto x, auto y) { return minus ? __AIE_BY_INTEGER(vsub, T, x, y) : __AIE_BY_INTEGER(vadd, T, x, y); });
  }
}
template <bool minus, class Tag, unsigned N> inline accum<Tag, N> acc_sum(const accum<Tag, N> &a, const accum<Tag, N> &b) {
  accum<Tag, N> r;
  each<r.parts>([&](auto k) {
    if constexpr (std::is_same_v<Tag, accfloat>) r.d[k] = minus ? __aie_vaccsub_f32(a.d[k], b.d[k]) : __aie_vaccadd_f32(a.d[k], b.d[k]);
    else if constexpr (std::is_same_v<Tag, acc64>) r.d[k] = minus ? __aie_vaccsub_a64(a.d[k], b.d[k]) : __aie_vaccadd_a64(a.d[k], b.d[k]);
    else r.d[k] = minus ? __aie_vaccsub_a32(a.d[k], b.d[k]) : __aie_vaccadd_a32(a.d[k], b.d[k]);
  });
  return r;
}
}  // namespace detail
template <class A, class B> requires detail::vector_operands<A, B> inline auto add(const A &a, const B &b) {
  using V = detail::common_t<A, B>;
  return detail::sum<false>(detail::as_vector<V>(a), detail::as_vector<V>(b));
}
template <class A, class B> requires detail::vector_operands<A, B> inline auto sub(const A &a, const B &b) {
  using V = detail::common_t<A, B>;
  return detail::sum<true>(detail::as_vector<V>(a), detail::as_vector<V>(b));
}
template <class Tag, unsigned N> inline auto add(const accum<Tag, N> &a, const accum<Tag, N> &b) { return detail::acc_sum<false>(a, b); }
template <class Tag, unsigned N> inline auto sub(const accum<Tag, N> &a, const accum<Tag, N> &b) { return detail::acc_sum<true>(a, b); }
template <class Tag, unsigned N, class T, unsigned M> inline auto add(const accum<Tag, N> &a, const vector<T, M> &b) {
  static_assert(N == M, "accumulator and vector have different sizes (number of elements)");
  static_assert(std::is_same_v<Tag, accfloat> == detail::floating<T>, "accfloat is made from bfloat16 or float vectors, acc32 and acc64 from integer vectors");
  return detail::acc_sum<false>(a, accum<Tag, N>(b));
}
template <class Tag, unsigned N, class T, unsigned M> inline auto sub(const accum<Tag, N> &a, const vector<T, M> &b) {
  static_assert(N == M, "accumulator and vector have different sizes (number of elements)");
  static_assert(std::is_same_v<Tag, accfloat> == detail::floating<T>, "accfloat is made from bfloat16 or float vectors, acc32 and acc64 from integer vectors");
  return detail::acc_sum<true>(a, accum<Tag, N>(b));
}
namespace detail {
template <class Tag, unsigned N, class S> inline accum<Tag, N> spread(S x) {
  if constexpr (std::is_same_v<Tag, accfloat>) return accum<Tag, N>(broadcast<float, N>((float)x));
  else return accum<Tag, N>(broadcast<int32_t, N>((int32_t)x));
}
}  // namespace detail
template <class Tag, unsigned N, class S> requires detail::is_scalar<S> inline accum<Tag, N> add(const accum<Tag, N> &a, S b) { return detail::acc_sum<false>(a, detail::spread<Tag, N>(b)); }
template <class Tag, unsigned N, class S> requires detail::is_scalar<S> inline accum<Tag, N> sub(const accum<Tag, N> &a, S b) { return detail::acc_sum<true>(a, detail::spread<Tag, N>(b)); }
#define __AIE_ELEMENTWISE_INTEGER(NAME, OP)                                                          \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b) { \
    using namespace detail;                                                                          \
    using V = common_t<A, B>;                                                                        \
    using T = typename vector_traits<V>::element;                                                    \
    static_assert(!floating<T>, #NAME ": not defined for floating point elements");                  \
    return map2(as_vector<V>(a), as_vector<V>(b), [](auto x, auto y) { return __AIE_BY_INTEGER(OP, T, x, y); }); \
  }
__AIE_ELEMENTWISE_INTEGER(saturating_add, vaddsat)
__AIE_ELEMENTWISE_INTEGER(saturating_sub, vsubsat)
__AIE_ELEMENTWISE_INTEGER(maxdiff, vmaxdiff)

// --- minimum, maximum, clamp, absolute value, negation
#define __AIE_ELEMENTWISE(NAME, OP)                                                                   \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b) { \
    using namespace detail;                                                                           \
    using V = common_t<A, B>;                                                                         \
    using T = typename vector_traits<V>::element;                                                     \
    return map2(as_vector<V>(a), as_vector<V>(b), [](auto x, auto y) { return __AIE_BY_TYPE(OP, T, x, y); }); \
  }
__AIE_ELEMENTWISE(max, vmax)
__AIE_ELEMENTWISE(min, vmin)
template <class V, class L, class H> requires(detail::is_vector<V>) inline V clamp(const V &v, const L &low, const H &high) { return min(max(v, low), high); }
template <class T, unsigned N> inline auto abs(const vector<T, N> &v) {
  using namespace detail;
  if constexpr (!detail::is_signed<T>) return v;
  else return map1(v, [](auto x) { return __AIE_BY_TYPE(vabs, T, x); });
}
template <class T, unsigned N> inline auto neg(const vector<T, N> &v) {
  using namespace detail;
  static_assert(detail::is_signed<T>, "neg: the element type must be signed");
  if constexpr (floating<T>) return map1(v, [](auto x) { return __AIE_BY_FLOATING(vneg, T, x); });
  else return sub(zeros<T, N>(), v);
}
template <class Tag, unsigned N> inline accum<Tag, N> neg(const accum<Tag, N> &a) {
  accum<Tag, N> r;
  detail::each<r.parts>([&](auto k) {
    if constexpr (std::is_same_v<Tag, accfloat>) r.d[k] = __aie_vaccneg_f32(a.d[k]);
    else if constexpr (std::is_same_v<Tag, acc64>) r.d[k] = __aie_vaccneg_a64(a.d[k]);
    else r.d[k] = __aie_vaccneg_a32(a.d[k]);
  });
  return r;
}

// --- comparison and selection
namespace detail {
template <class T, unsigned N> inline mask<N> less(const vector<T, N> &a, const vector<T, N> &b) {
  return map_mask(a, b, [](auto x, auto y) { return __AIE_BY_TYPE(vlt, T, x, y); });
}
template <class T, unsigned N> inline mask<N> greater_equal(const vector<T, N> &a, const vector<T, N> &b) {
  return map_mask(a, b, [](auto x, auto y) { return __AIE_BY_TYPE(vge, T, x, y); });
}
template <class T, unsigned N> inline mask<N> equal(const vector<T, N> &a, const vector<T, N> &b) {
  return map_mask(a, b, [](auto x, auto y) {
    if constexpr (floating<T>) return __AIE_BY_FLOATING(veq, T, x, y);
    else return __AIE_BY_WIDTH(veq, T, x, y);
  });
}
}  // namespace detail
#define __AIE_COMPARISON(NAME, EXPRESSION)                                                             \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a_, const B &b_) { \
    using V = detail::common_t<A, B>;                                                                  \
    V a = detail::as_vector<V>(a_), b = detail::as_vector<V>(b_);                                      \
    return EXPRESSION;                                                                                 \
  }
__AIE_COMPARISON(lt, detail::less(a, b))
__AIE_COMPARISON(gt, detail::less(b, a))
__AIE_COMPARISON(ge, detail::greater_equal(a, b))
__AIE_COMPARISON(le, detail::greater_equal(b, a))
__AIE_COMPARISON(eq, detail::equal(a, b))
__AIE_COMPARISON(neq, ~detail::equal(a, b))
// b where the mask is set, else a
template <class A, class B, unsigned N> requires detail::vector_operands<A, B> inline auto select(const A &a_, const B &b_, const mask<N> &m) {
  using namespace detail;
  using V = common_t<A, B>;
  using T = typename vector_traits<V>::element;
  static_assert(vector_traits<V>::lanes == N, "select: mask and vectors have different sizes (number of elements)");
  V a = as_vector<V>(a_), b = as_vector<V>(b_), r;
  each<V::parts>([&](auto k) {
    constexpr unsigned at = k * V::lanes;
    r.d[k] = __AIE_BY_WIDTH(vsel, T, a.d[k], b.d[k], m.bits[at / 64] >> (at % 64));
  });
  return r;
}

// --- bits and shifts
#define __AIE_BITS(NAME, OP)                                                                           \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b) { \
    using V = detail::common_t<A, B>;                                                                  \
    static_assert(!detail::floating<typename detail::vector_traits<V>::element>, #NAME ": not defined for floating point elements"); \
    return detail::map2(detail::as_vector<V>(a), detail::as_vector<V>(b), [](auto x, auto y) { return OP(x, y); }); \
  }
__AIE_BITS(bit_and, __aie_vband)
__AIE_BITS(bit_or, __aie_vbor)
__AIE_BITS(bit_xor, __aie_vbxor)
template <class T, unsigned N> inline auto bit_not(const vector<T, N> &a) {
  static_assert(!detail::floating<T>, "bit_not: not defined for floating point elements");
  return detail::map1(a, [](auto x) { return __aie_vbnot(x); });
}
template <class T, unsigned N> inline auto upshift(const vector<T, N> &a, unsigned n) {
  using namespace detail;
  static_assert(!floating<T>, "upshift: not defined for floating point elements");
  return map1(a, [&](auto x) { return __AIE_BY_INTEGER(vshl, T, x, (int)n); });
}
template <class T, unsigned N> inline auto logical_downshift(const vector<T, N> &a, unsigned n) {
  using namespace detail;
  static_assert(!floating<T>, "logical_downshift: not defined for floating point elements");
  return map1(a, [&](auto x) { return __AIE_BY_INTEGER(vlshr, T, x, (int)n); });
}
template <class T, unsigned N> inline auto downshift(const vector<T, N> &a, unsigned n) {
  using namespace detail;
  static_assert(!floating<T>, "downshift: not defined for floating point elements");
  return map1(a, [&](auto x) { return __AIE_BY_INTEGER(vashr, T, x, (int)n, rounding); });
}

// --- division and inverses
template <class A, class B> requires detail::vector_operands<A, B> inline auto div(const A &a_, const B &b_) {
  using namespace detail;
  using V = common_t<A, B>;
  using T = typename vector_traits<V>::element;
  constexpr unsigned N = vector_traits<V>::lanes;
  V a = as_vector<V>(a_), b = as_vector<V>(b_);
  if constexpr (!floating<T>) return map2(a, b, [](auto x, auto y) { return __AIE_BY_INTEGER(vdiv, T, x, y); });
  else {
    accum<accfloat, N> x(a), y(b), z;
    each<accum<accfloat, N>::parts>([&](auto k) { z.d[k] = __aie_vmul_f32(x.d[k], __aie_vinv_f32(y.d[k])); });
    return z.template to_vector<T>();
  }
}
inline float inv(float x) { return __builtin_bit_cast(float, __aie_inv_f32(__builtin_bit_cast(int, x))); }
inline float invsqrt(float x) { return __builtin_bit_cast(float, __aie_invsqrt_f32(__builtin_bit_cast(int, x))); }
inline float sqrt(float x) { return x * invsqrt(x); }
#define __AIE_INVERSE(NAME, OP)                                                              \
  template <class T, unsigned N> inline vector<T, N> NAME(const vector<T, N> &v) {           \
    static_assert(detail::floating<T>, #NAME ": only for floating point elements");          \
    accum<accfloat, N> a(v);                                                                 \
    detail::each<a.parts>([&](auto k) { a.d[k] = OP(a.d[k]); });                             \
    return a.template to_vector<T>();                                                        \
  }
__AIE_INVERSE(inv, __aie_vinv_f32)
__AIE_INVERSE(invsqrt, __aie_vinvsqrt_f32)
template <class T, unsigned N> inline void sqrt(const vector<T, N> &) {
  static_assert(!detail::is_element<T>, "sqrt: not available for vectors on AIE2; use invsqrt");
}

}  // namespace aie
