// Elementwise arithmetic, comparison, selection, bits and shifts.
#pragma once
#include "convert.hpp"

namespace aie {

template <Elem T, unsigned N = native_vector_length_v<detail::plain_t<T>>> inline vector<detail::plain_t<T>, N> broadcast(T x) {
  using namespace detail;
  using E = plain_t<T>;
  vector<E, N> r;
  __aie_v16 b = __AIE_BY_WIDTH(vbcst, E, to_bits<E>(x));
  each<r.__parts>([&](auto k) { r.__d[k] = b; });
  return r;
}
template <ElemBaseType T, unsigned N = native_vector_length_v<T>> inline vector<T, N> zeros() { return broadcast<T, N>(detail::from_bits<T>(0)); }
template <AccumElemBaseType Tag, unsigned N = native_vector_length_v<Tag>> inline accum<Tag, N> zeros() {
  accum<Tag, N> r;
  detail::each<accum<Tag, N>::__parts>([&](auto k) { r.__d[k] = __aie_vaccclr(); });
  return r;
}
// up to 64 bits of values, over and over
template <ElemBaseType T, unsigned N = native_vector_length_v<T>, unsigned M>
  requires(detail::power_of_two(M) && detail::bits_of<T> * M <= 64) inline vector<T, N> broadcast(const T (&a)[M]) {
  using namespace detail;
  constexpr unsigned each_word = 32 / bits_of<T>;
  unsigned words[2] = {};
  for (unsigned i = 0; i < 2 * each_word; i++) words[i / each_word] |= (to_bits(a[i % M]) & (unsigned)ones(bits_of<T>)) << i % each_word * bits_of<T>;
  __aie_v16 x = __aie_vbcst_w32((int)words[0]);
  if constexpr (bits_of<T> * M == 64) x = __aie_vshuffle_ziplo_w32(x, __aie_vbcst_w32((int)words[1]), 16);
  vector<T, N> r;
  each<r.__parts>([&](auto k) { r.__d[k] = x; });
  return r;
}
template <ElemBaseType T> constexpr T zero() { return T(0); }

namespace detail {
template <class A> struct vector_traits;
template <class T, unsigned N> struct vector_traits<vector_ref<T, N>> : vector_traits<vector<std::remove_const_t<T>, N>> {};
template <class T, unsigned N> struct vector_traits<unaligned_vector_ref<T, N>> : vector_traits<vector<std::remove_const_t<T>, N>> {};
template <class T, unsigned N> struct vector_traits<vector<T, N>> { using element = T; static constexpr unsigned lanes = N; };

// the vector type of an operation on a and b, one of which may be a scalar of its element type
template <class A, class B> struct common {
  static constexpr bool first = is_vector<A>;
  using type = std::conditional_t<first, A, B>;
  using scalar = plain_t<std::conditional_t<first, B, A>>;
  using element = typename vector_traits<type>::element;
  static_assert(std::is_same_v<scalar, element>, "the scalar's type is not the vector's element type; write T(value)");
};
template <class T, unsigned N, class U, unsigned M> struct common<vector<T, N>, vector<U, M>> {
  static_assert(N == M, "vectors have different sizes (number of elements)");
  static_assert(std::is_same_v<T, U>, "vectors have different element types");
  using type = vector<T, N>;
};
template <class A, class B> using common_t = typename common<value_t<A>, value_t<B>>::type;
template <class V, class A> inline V as_vector(const A &a) {
  if constexpr (is_vector<A>) return a;
  else return broadcast<typename vector_traits<V>::element, vector_traits<V>::lanes>((typename vector_traits<V>::element)a);
}
template <class A, class B> concept vector_operands = (Vector<A> && (Vector<B> || Elem<B>)) || (Elem<A> && Vector<B>);

// r[k] = f(a[k], b[k]) over registers
template <class V, class F> inline V map2(const V &a, const V &b, F f) {
  V r;
  each<V::__parts>([&](auto k) { r.__d[k] = f(a.__d[k], b.__d[k]); });
  return r;
}
template <class V, class F> inline V map1(const V &a, F f) {
  V r;
  each<V::__parts>([&](auto k) { r.__d[k] = f(a.__d[k]); });
  return r;
}
template <class T, unsigned N, class F> inline mask<N> map_mask(const vector<T, N> &a, const vector<T, N> &b, F f) {
  using V = vector<T, N>;
  mask<N> m;
  each<mask<N>::__words>([&](auto w) {
    constexpr unsigned per = V::__parts / mask<N>::__words;
    __aie_mask bits = 0;
    each<per>([&](auto k) { bits |= (f(a.__d[w * per + k], b.__d[w * per + k]) & ones(V::__lanes)) << (k * V::__lanes % 64); });
    m.__bits[w] = bits;
  });
  return m;
}
}  // namespace detail

// --- addition and subtraction
// bfloat16 has no adders: both operands become accumulators, as in the API for AIE2.
namespace detail {
template <bool minus, class T, unsigned N> inline vector<T, N> sum(const vector<T, N> &a, const vector<T, N> &b) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    accum<accfloat, N> x(a), y(b);
    each<accum<accfloat, N>::__parts>([&](auto k) { x.__d[k] = minus ? __aie_vaccsub_f32(x.__d[k], y.__d[k]) : __aie_vaccadd_f32(x.__d[k], y.__d[k]); });
    return x.template to_vector<bfloat16>();
  } else if constexpr (std::is_same_v<T, float>) {
    return map2(a, b, [](auto x, auto y) { return minus ? __aie_vaccsub_f32(x, y) : __aie_vaccadd_f32(x, y); });
  } else {
    return map2(a, b, [](auto x, auto y) { return minus ? __AIE_BY_INTEGER(vsub, T, x, y) : __AIE_BY_INTEGER(vadd, T, x, y); });
  }
}
template <bool minus, class Tag, unsigned N> inline accum<Tag, N> acc_sum(const accum<Tag, N> &a, const accum<Tag, N> &b) {
  accum<Tag, N> r;
  each<r.__parts>([&](auto k) {
    if constexpr (std::is_same_v<Tag, accfloat>) r.__d[k] = minus ? __aie_vaccsub_f32(a.__d[k], b.__d[k]) : __aie_vaccadd_f32(a.__d[k], b.__d[k]);
    else if constexpr (std::is_same_v<Tag, acc64>) r.__d[k] = minus ? __aie_vaccsub_a64(a.__d[k], b.__d[k]) : __aie_vaccadd_a64(a.__d[k], b.__d[k]);
    else r.__d[k] = minus ? __aie_vaccsub_a32(a.__d[k], b.__d[k]) : __aie_vaccadd_a32(a.__d[k], b.__d[k]);
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
  using T = plain_t<S>;
  static_assert(std::is_same_v<Tag, accfloat> == floating<T>, "a floating point and an integer accumulator or scalar cannot be added");
  return accum<Tag, N>(broadcast<T, N>((T)x));
}
}  // namespace detail
template <class Tag, unsigned N, class S> requires Elem<S> inline accum<Tag, N> add(const accum<Tag, N> &a, S b) { return detail::acc_sum<false>(a, detail::spread<Tag, N>(b)); }
template <class Tag, unsigned N, class S> requires Elem<S> inline accum<Tag, N> sub(const accum<Tag, N> &a, S b) { return detail::acc_sum<true>(a, detail::spread<Tag, N>(b)); }
// --- minimum, maximum, clamp, absolute value, negation
namespace detail {
template <class T, unsigned N> mask<N> less(const vector<T, N> &a, const vector<T, N> &b);
template <class T, unsigned N> mask<N> greater_equal(const vector<T, N> &a, const vector<T, N> &b);
// as if the elements were signed, or not
template <class V, class F> inline V with_sign(const V &a, const V &b, bool sign, F f) {
  using T = typename V::value_type;
  if constexpr (floating<T>) return f(a, b);
  else if (sign) return f(a.template cast_to<std::make_signed_t<T>>(), b.template cast_to<std::make_signed_t<T>>()).template cast_to<T>();
  else return f(a.template cast_to<std::make_unsigned_t<T>>(), b.template cast_to<std::make_unsigned_t<T>>()).template cast_to<T>();
}
template <class T, unsigned N> inline vector<T, N> positive_difference(const vector<T, N> &a, const vector<T, N> &b) {
  if constexpr (floating<T>) return sum<true>(map2(a, b, [](auto x, auto y) { return __AIE_BY_FLOATING(vmax, T, x, y); }), b);
  else return map2(a, b, [](auto x, auto y) { return __AIE_BY_INTEGER(vmaxdiff, T, x, y); });
}
}  // namespace detail
#define __AIE_ELEMENTWISE(NAME, EXPRESSION)                                                           \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b) { \
    using namespace detail;                                                                           \
    using V = common_t<A, B>;                                                                         \
    using T = typename vector_traits<V>::element;                                                     \
    V x = as_vector<V>(a), y = as_vector<V>(b);                                                       \
    return EXPRESSION;                                                                                \
  }                                                                                                   \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b, bool is_signed) { \
    using V = detail::common_t<A, B>;                                                                 \
    return detail::with_sign(detail::as_vector<V>(a), detail::as_vector<V>(b), is_signed, [](const auto &x, const auto &y) { return NAME(x, y); }); \
  }
__AIE_ELEMENTWISE(max, map2(x, y, [](auto p, auto q) { return __AIE_BY_TYPE(vmax, T, p, q); }))
__AIE_ELEMENTWISE(min, map2(x, y, [](auto p, auto q) { return __AIE_BY_TYPE(vmin, T, p, q); }))
__AIE_ELEMENTWISE(maxdiff, positive_difference<T>(x, y))
// the larger and where it is b; the smaller and where it is b
template <class A, class B> requires(detail::is_vector<A> && detail::is_vector<B>) inline auto max_cmp(const A &a, const B &b) {
  using V = detail::common_t<A, B>;
  return std::make_tuple(max(a, b), detail::less(V(a), V(b)));
}
template <class A, class B> requires(detail::is_vector<A> && detail::is_vector<B>) inline auto min_cmp(const A &a, const B &b) {
  using V = detail::common_t<A, B>;
  return std::make_tuple(min(a, b), detail::greater_equal(V(a), V(b)));
}
template <Vector V, class L, class H> requires((Vector<L> && Vector<H>) || (Elem<L> && Elem<H>)) inline auto clamp(const V &v, const L &low, const H &high) { return min(max(v, low), high); }
template <class T, unsigned N> inline auto abs(const vector<T, N> &v) {
  using namespace detail;
  if constexpr (!detail::is_signed<T>) return v;
  else return map1(v, [](auto x) { return __AIE_BY_TYPE(vabs, T, x); });
}
template <Elem E> inline detail::plain_t<E> abs(const E &a) {
  using T = detail::plain_t<E>;
  T x = a;
  if constexpr (std::is_same_v<T, bfloat16>) return detail::from_bits<T>(detail::to_bits(x) & 0x7fff);
  else if constexpr (std::is_same_v<T, float>) return __builtin_fabsf(x);
  else return x < 0 ? T(-x) : x;
}
template <Elem E> requires(detail::is_signed<detail::plain_t<E>>) inline detail::plain_t<E> neg(const E &a) { return -(detail::plain_t<E>)a; }
template <class T, unsigned N> inline auto neg(const vector<T, N> &v) {
  using namespace detail;
  static_assert(detail::is_signed<T>, "neg: the element type must be signed");
  if constexpr (floating<T>) return map1(v, [](auto x) { return __AIE_BY_FLOATING(vneg, T, x); });
  else return sub(zeros<T, N>(), v);
}
template <class Tag, unsigned N> inline accum<Tag, N> neg(const accum<Tag, N> &a) {
  accum<Tag, N> r;
  detail::each<r.__parts>([&](auto k) {
    if constexpr (std::is_same_v<Tag, accfloat>) r.__d[k] = __aie_vaccneg_f32(a.__d[k]);
    else if constexpr (std::is_same_v<Tag, acc64>) r.__d[k] = __aie_vaccneg_a64(a.__d[k]);
    else r.__d[k] = __aie_vaccneg_a32(a.__d[k]);
  });
  return r;
}

// --- comparison and selection
namespace detail {
// The API adds zero to the first of two bfloat16 operands before it compares them: one value has one set of bits then.
template <class T, unsigned N> inline vector<T, N> comparable(const vector<T, N> &a) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    accum<accfloat, N> x(a);
    each<x.__parts>([&](auto k) { x.__d[k] = __aie_vaccadd_f32(x.__d[k], __aie_vaccclr()); });
    return x.template to_vector<T>();
  } else return a;
}
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
    V a = detail::comparable(V(detail::as_vector<V>(a_))), b = detail::as_vector<V>(b_);               \
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
  each<V::__parts>([&](auto k) {
    constexpr unsigned at = k * V::__lanes;
    r.__d[k] = __AIE_BY_WIDTH(vsel, T, a.__d[k], b.__d[k], m.__bits[at / 64] >> (at % 64));
  });
  return r;
}

template <Elem A, Elem B, unsigned N> requires(std::is_same_v<detail::plain_t<A>, detail::plain_t<B>>) inline auto select(const A &a, const B &b, const mask<N> &m) {
  using T = detail::plain_t<A>;
  return select(broadcast<T, N>((T)a), broadcast<T, N>((T)b), m);
}
template <class A, class B> requires detail::vector_operands<A, B> inline bool equal(const A &a, const B &b) { return eq(a, b).full(); }
template <class A, class B> requires detail::vector_operands<A, B> inline bool not_equal(const A &a, const B &b) { return !equal(a, b); }
template <Elem E, Vector V> inline bool contains(const E &a, const V &v) { return !eq(v, a).empty(); }

// --- bits and shifts
inline constexpr int min_shift = 0, max_shift = 63;
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
// arithmetic, rounded down whatever the mode
template <class T, unsigned N> inline auto downshift(const vector<T, N> &a, unsigned n) {
  using namespace detail;
  static_assert(!floating<T>, "downshift: not defined for floating point elements");
  return map1(a, [&](auto x) { return __AIE_BY_INTEGER(vashr, T, x, (int)n, 0); });
}

// --- scalars in floating point
namespace detail {
template <class A, class B = A> concept floats = std::is_same_v<A, B> && (std::is_same_v<A, float> || std::is_same_v<A, bfloat16>);
}
#define __AIE_SCALAR(TYPE, NAME, EXPRESSION) template <class T, class U> requires detail::floats<T, U> inline TYPE NAME(T a, U b) { return EXPRESSION; }
__AIE_SCALAR(bool, lt, a < b)
__AIE_SCALAR(bool, gt, a > b)
__AIE_SCALAR(bool, le, a <= b)
__AIE_SCALAR(bool, ge, a >= b)
__AIE_SCALAR(bool, eq, a == b)
__AIE_SCALAR(bool, neq, a != b)
__AIE_SCALAR(T, max, a < b ? b : a)
__AIE_SCALAR(T, min, b < a ? b : a)
__AIE_SCALAR(T, add, a + b)
__AIE_SCALAR(T, sub, a - b)
__AIE_SCALAR(T, mul, a * b)
template <class T, class U, class W> requires(detail::floats<T, U> && detail::floats<T, W>) inline T mac(T c, U a, W b) { return c + a * b; }
template <class T, class U, class W> requires(detail::floats<T, U> && detail::floats<T, W>) inline T msc(T c, U a, W b) { return c - a * b; }
inline float div(float a, float b) { return a / b; }

}  // namespace aie
