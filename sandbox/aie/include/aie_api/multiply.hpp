// Multiplication into accumulators, elementwise.
#pragma once
#include "elementary.hpp"

namespace aie {

namespace detail {
template <class A, class B> struct accumulator_of {
  static constexpr unsigned wide = bits_of<A> > bits_of<B> ? bits_of<A> : bits_of<B>;
  using type = std::conditional_t<floating<A>, accfloat, std::conditional_t<wide == 32, acc64, acc32>>;
};
enum kind { product, negated, accumulate, subtract };
template <class T> inline constexpr unsigned mac_lanes = std::is_same_v<T, bfloat16> || bits_of<T> == 32 ? 16 : 32;

#define __AIE_MULTIPLY_BY_KIND(S, ...)                                          \
  (K == product ? __aie_vmul_##S(__VA_ARGS__) : K == negated ? __aie_vnegmul_##S(__VA_ARGS__) \
   : K == accumulate ? __aie_vmac_##S(lo, hi, __VA_ARGS__) : __aie_vmsc_##S(lo, hi, __VA_ARGS__))
#define __AIE_FLOAT_BY_KIND(S, ...)                                             \
  (K == product ? __aie_vmul_##S(__VA_ARGS__) : K == negated ? __aie_vnegmul_##S(__VA_ARGS__) \
   : K == accumulate ? __aie_vmac_##S(r.__d[k], __VA_ARGS__) : __aie_vmsc_##S(r.__d[k], __VA_ARGS__))

// r (+)= a * b, element by element; a and b of one width, or 32 and 16 bits
template <kind K, class Tag, class A, class B, unsigned N>
inline auto multiply(accum<Tag, N> &r, const vector<A, N> &a, const vector<B, N> &b) {
  constexpr bool sa = detail::is_signed<A>, sb = detail::is_signed<B>;
  if constexpr (floating<A>) {
    static_assert(std::is_same_v<Tag, accfloat>, "floating point products need an accfloat accumulator");
    each<accum<Tag, N>::__parts>([&](auto k) {
      if constexpr (std::is_same_v<A, float>) r.__d[k] = __AIE_FLOAT_BY_KIND(f32, a.__d[k], b.__d[k]);
      else r.__d[k] = __AIE_FLOAT_BY_KIND(bf16, a.__d[k / 2], b.__d[k / 2], k % 2);
    });
  } else {
    static_assert(!std::is_same_v<Tag, accfloat>, "integer products need an acc32 or acc64 accumulator");
    constexpr unsigned P = accum<Tag, N>::__parts;
    constexpr unsigned per = std::is_same_v<Tag, acc64> ? 16 : 32;
    each<(N + per - 1) / per>([&](auto k) {
      __aie_v16 lo = r.__d[2 * k], hi = r.__d[2 * k + (P > 1)];
      (void)lo, (void)hi;
      if constexpr (bits_of<A> == 8) {
        static_assert(std::is_same_v<Tag, acc32>, "8-bit products accumulate in acc32");
        put_pair(r.__d, k, P, __AIE_MULTIPLY_BY_KIND(i8, a.__d[k / 2], b.__d[k / 2], k % 2, sa, sb));
      } else if constexpr (bits_of<A> == 16 && per == 32)
        put_pair(r.__d, k, P, __AIE_MULTIPLY_BY_KIND(i16, a.__d[k], b.__d[k], 0, sa, sb));
      else if constexpr (bits_of<A> == 16)
        put_pair(r.__d, k, P, __AIE_MULTIPLY_BY_KIND(i16_a64, a.__d[k / 2], b.__d[k / 2], k % 2, sa, sb));
      else {
        static_assert(std::is_same_v<Tag, acc64>, "32-bit products accumulate in acc64");
        if constexpr (bits_of<B> == 16) put_pair(r.__d, k, P, __AIE_MULTIPLY_BY_KIND(i32xi16, a.__d[k], b.__d[k / 2], k % 2, sa, sb));
        else put_pair(r.__d, k, P, __AIE_MULTIPLY_BY_KIND(i32, a.__d[k], b.__d[k], 0, sa, sb));
      }
    });
  }
}
template <class T, class U, unsigned N> inline auto to_width(const vector<U, N> &v) {
  if constexpr (bits_of<U> < bits_of<T>) return unpack_to<std::conditional_t<detail::is_signed<U>, std::make_signed_t<T>, std::make_unsigned_t<T>>>(v);
  else return v;
}
template <class A> struct element_or_scalar { using type = plain_t<A>; };
template <class A> requires is_vector<A> struct element_or_scalar<A> { using type = typename vector_traits<A>::element; };
template <class A> using element_t = typename element_or_scalar<A>::type;
template <class A> inline constexpr unsigned lanes_or_0 = 0;
template <class A> requires is_vector<A> inline constexpr unsigned lanes_or_0<A> = vector_traits<A>::lanes;
template <class A, class B> inline constexpr unsigned common_lanes = lanes_or_0<A> ? lanes_or_0<A> : lanes_or_0<B>;
// which element types the core multiplies: of one kind, integers of widths at most a factor of two apart
template <class T, class U> constexpr bool multiplies() {
  if constexpr (!is_element<T> || !is_element<U>) return false;
  else if constexpr (floating<T> || floating<U>) return std::is_same_v<T, U>;
  else return bits_of<T> <= 2 * bits_of<U> && bits_of<U> <= 2 * bits_of<T>;
}
template <class A, unsigned N> inline auto vector_of(const A &a) {
  using T = element_t<A>;
  if constexpr (is_vector<A>) return value_t<A>(a);
  else return broadcast<T, N>((T)a);
}
// two vectors of one width, or of 32 and 16 bits, the wider first
template <class A, class B, class F> inline auto with_operands(const A &a, const B &b, F f) {
  using T = element_t<A>;
  using U = element_t<B>;
  static_assert(!(is_vector<A> && is_vector<B>) || lanes_or_0<A> == lanes_or_0<B>, "vectors have different sizes (number of elements)");
  static_assert(floating<T> == floating<U>, "a floating point and an integer operand cannot be multiplied");
  static_assert(floating<T> != floating<U> || multiplies<T, U>(), "operands of these element types cannot be multiplied; convert one of them, a scalar by T(value)");
  if constexpr (multiplies<T, U>() && (!(is_vector<A> && is_vector<B>) || lanes_or_0<A> == lanes_or_0<B>)) {
    constexpr unsigned N = common_lanes<A, B>;
    auto x = vector_of<A, N>(a);
    auto y = vector_of<B, N>(b);
    if constexpr (bits_of<T> == bits_of<U> || (bits_of<T> == 32 && bits_of<U> == 16)) f(x, y);
    else if constexpr (bits_of<U> == 32) f(y, x);
    else if constexpr (bits_of<T> > bits_of<U>) f(x, to_width<T>(y));
    else f(to_width<U>(x), y);
  }
}
template <class A, class B> struct default_tag {
  using type = typename accumulator_of<element_t<A>, element_t<B>>::type;
};
// the type by its value of N, as messages print it
template <class Tag, unsigned N> struct accum_named { using type = accum<Tag, N>; };
template <kind K, class Tag, class A, class B> inline auto multiplied(const A &a, const B &b) {
  typename accum_named<Tag, common_lanes<A, B>>::type r;
  with_operands(a, b, [&](const auto &x, const auto &y) { multiply<K>(r, x, y); });
  return r;
}
}  // namespace detail

template <class Tag, class A, class B> requires(detail::is_acc_tag<Tag> && detail::vector_operands<A, B>) inline auto mul(const A &a, const B &b) { return detail::multiplied<detail::product, Tag>(a, b); }
template <class A, class B> requires detail::vector_operands<A, B> inline auto mul(const A &a, const B &b) { return detail::multiplied<detail::product, typename detail::default_tag<A, B>::type>(a, b); }
template <class Tag, class A, class B> requires(detail::is_acc_tag<Tag> && detail::vector_operands<A, B>) inline auto negmul(const A &a, const B &b) { return detail::multiplied<detail::negated, Tag>(a, b); }
template <class A, class B> requires detail::vector_operands<A, B> inline auto negmul(const A &a, const B &b) { return detail::multiplied<detail::negated, typename detail::default_tag<A, B>::type>(a, b); }
template <class Tag, unsigned N, class A, class B> requires detail::vector_operands<A, B> inline auto mac(const accum<Tag, N> &acc, const A &a, const B &b) {
  static_assert(detail::common_lanes<A, B> == N, "mac: accumulator and vectors have different sizes (number of elements)");
  accum<Tag, N> r = acc;
  detail::with_operands(a, b, [&](const auto &x, const auto &y) { detail::multiply<detail::accumulate>(r, x, y); });
  return r;
}
template <class Tag, unsigned N, class A, class B> requires detail::vector_operands<A, B> inline auto msc(const accum<Tag, N> &acc, const A &a, const B &b) {
  static_assert(detail::common_lanes<A, B> == N, "msc: accumulator and vectors have different sizes (number of elements)");
  accum<Tag, N> r = acc;
  detail::with_operands(a, b, [&](const auto &x, const auto &y) { detail::multiply<detail::subtract>(r, x, y); });
  return r;
}
template <class T, unsigned N> inline auto mul_square(const vector<T, N> &v) { return mul(v, v); }
template <class Tag, class T, unsigned N> requires(detail::is_acc_tag<Tag>) inline auto mul_square(const vector<T, N> &v) { return mul<Tag>(v, v); }
template <class Tag, unsigned N, class T, unsigned M> inline auto mac_square(const accum<Tag, N> &acc, const vector<T, M> &v) { return mac(acc, v, v); }
template <class Tag, unsigned N, class T, unsigned M> inline auto msc_square(const accum<Tag, N> &acc, const vector<T, M> &v) { return msc(acc, v, v); }

// What changes an operand on its way; here it is done before.
namespace detail {
template <class A> struct subtracted_from { A acc; };
}
template <Accum A> inline A op_add(const A &acc) { return acc; }
template <Accum A> inline detail::subtracted_from<A> op_sub(const A &acc) { return {acc}; }
template <class A> requires(Vector<A> || Elem<A> || Accum<A>) inline A op_none(const A &a) { return a; }
template <class A> requires(Vector<A> || Elem<A>) inline auto op_abs(const A &a) { return abs(a); }
template <Vector A, Vector B> inline auto op_max(const A &a, const B &b) { return max(a, b); }
template <Vector A, Vector B> inline auto op_min(const A &a, const B &b) { return min(a, b); }
template <Accum A> inline A op_zero(const A &acc, bool to_zero) { return to_zero ? zeros<typename A::value_type, A::size()>() : acc; }
template <class A> requires(Vector<A> || Elem<A> || Accum<A>) inline A op_neg(const A &a, bool negate) { return negate ? neg(a) : a; }
template <class S, class A, class B> inline auto mac(const detail::subtracted_from<S> &acc, const A &a, const B &b) { return msc(acc.acc, a, b); }
// an operand whose elements are signed, or not, whatever their type
namespace detail {
template <class A> struct signed_as { A value; bool sign; };
template <class A> inline constexpr bool is_signed_as = false;
template <class A> inline constexpr bool is_signed_as<signed_as<A>> = true;
template <class A, class F> inline auto by_sign(const A &a, F f) {
  if constexpr (is_signed_as<A>) {
    using V = decltype(a.value);
    using T = element_t<V>;
    if constexpr (is_vector<V>) return a.sign ? f(a.value.template cast_to<std::make_signed_t<T>>()) : f(a.value.template cast_to<std::make_unsigned_t<T>>());
    else return a.sign ? f((std::make_signed_t<T>)a.value) : f((std::make_unsigned_t<T>)a.value);
  } else return f(a);
}
template <class A, class B, class F> inline auto by_signs(const A &a, const B &b, F f) {
  return by_sign(a, [&](const auto &x) { return by_sign(b, [&](const auto &y) { return f(x, y); }); });
}
template <class A, class B> concept of_chosen_sign = is_signed_as<A> || is_signed_as<B>;
}  // namespace detail
template <class A> requires(Vector<A> || Elem<A>) inline auto op_sign(const A &a, bool is_signed) {
  using E = detail::element_t<detail::value_t<A>>;
  static_assert(!detail::floating<E>, "op_sign: not defined for floating point elements");
  if constexpr (Vector<A>) return detail::signed_as<detail::value_t<A>>{a, is_signed};
  else return detail::signed_as<E>{(E)a, is_signed};
}
template <Accum A> inline detail::signed_as<A> op_sign(const A &a, bool is_signed) { return {a, is_signed}; }
#define __AIE_OF_SIGNS(NAME) \
  template <class A, class B> requires detail::of_chosen_sign<A, B> inline auto NAME(const A &a, const B &b) { return detail::by_signs(a, b, [](const auto &x, const auto &y) { return NAME(x, y); }); } \
  template <class Tag, class A, class B> requires(detail::is_acc_tag<Tag> && detail::of_chosen_sign<A, B>) inline auto NAME(const A &a, const B &b) { return detail::by_signs(a, b, [](const auto &x, const auto &y) { return NAME<Tag>(x, y); }); }
__AIE_OF_SIGNS(mul)
__AIE_OF_SIGNS(negmul)
#define __AIE_SUM_OF_SIGNS(NAME) \
  template <class Tag, unsigned N, class A, class B> requires detail::of_chosen_sign<A, B> inline auto NAME(const accum<Tag, N> &acc, const A &a, const B &b) { return detail::by_signs(a, b, [&](const auto &x, const auto &y) { return NAME(acc, x, y); }); }
__AIE_SUM_OF_SIGNS(mac)
__AIE_SUM_OF_SIGNS(msc)
template <class T, class Tag, unsigned N> inline vector<T, N> to_vector(const detail::signed_as<accum<Tag, N>> &a, int shift = 0) { return a.value.template to_vector_sign<T>(a.sign, shift); }
template <AccumElemBaseType Tag, class T, unsigned N> inline accum<Tag, N> from_vector(const detail::signed_as<vector<T, N>> &v, int shift = 0) {
  accum<Tag, N> a;
  a.from_vector_sign(v.value, v.sign, shift);
  return a;
}
template <class T, unsigned N> inline auto unpack(const detail::signed_as<vector<T, N>> &v) { return v.value.unpack_sign(v.sign); }
template <class T, unsigned N> inline auto pack(const detail::signed_as<vector<T, N>> &v) { return v.value.pack_sign(v.sign); }

// sums through an accumulator: what does not fit is as the saturation mode says
#define __AIE_SATURATING(NAME, MULTIPLY)                                                                      \
  template <class A, class B> requires detail::vector_operands<A, B> inline auto NAME(const A &a, const B &b) { \
    using V = detail::common_t<A, B>;                                                                         \
    using T = typename detail::vector_traits<V>::element;                                                     \
    static_assert(!detail::floating<T>, #NAME ": not defined for floating point elements");                   \
    if constexpr (!detail::floating<T>) {                                                                     \
      accum<typename detail::accumulator_of<T, T>::type, V::size()> sum(detail::as_vector<V>(a));             \
      return MULTIPLY(sum, detail::as_vector<V>(b), T(1)).template to_vector<T>();                            \
    } else return detail::as_vector<V>(a);                                                                    \
  }
__AIE_SATURATING(saturating_add, mac)
__AIE_SATURATING(saturating_sub, msc)

// quotients, as products with an inverse
template <class T, class U, unsigned N, unsigned M> inline auto div(const vector<T, N> &a, const vector<U, M> &b) {
  static_assert(detail::floating<T> && detail::floating<U>, "div: only for floating point elements");
  return mul(a, inv(b));
}
template <class T, unsigned N, Elem E> inline auto div(const vector<T, N> &a, const E &b) {
  static_assert(detail::floating<T> && detail::floating<detail::plain_t<E>>, "div: only for floating point elements");
  return mul(a, inv((detail::plain_t<E>)b));
}

}  // namespace aie
