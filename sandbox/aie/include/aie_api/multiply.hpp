// Multiplication into accumulators, elementwise.
#pragma once
#include "arithmetic.hpp"

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
   : K == accumulate ? __aie_vmac_##S(r.d[k], __VA_ARGS__) : __aie_vmsc_##S(r.d[k], __VA_ARGS__))

// r (+)= a * b, element by element; a and b of one width, or 32 and 16 bits
template <kind K, class Tag, class A, class B, unsigned N>
inline auto multiply(accum<Tag, N> &r, const vector<A, N> &a, const vector<B, N> &b) {
  constexpr bool sa = detail::is_signed<A>, sb = detail::is_signed<B>;
  if constexpr (floating<A>) {
    static_assert(std::is_same_v<Tag, accfloat>, "floating point products need an accfloat accumulator");
    each<accum<Tag, N>::parts>([&](auto k) {
      if constexpr (std::is_same_v<A, float>) r.d[k] = __AIE_FLOAT_BY_KIND(f32, a.d[k], b.d[k]);
      else r.d[k] = __AIE_FLOAT_BY_KIND(bf16, a.d[k / 2], b.d[k / 2], k % 2);
    });
  } else {
    static_assert(!std::is_same_v<Tag, accfloat>, "integer products need an acc32 or acc64 accumulator");
    constexpr unsigned P = accum<Tag, N>::parts;
    constexpr unsigned per = std::is_same_v<Tag, acc64> ? 16 : 32;
    each<(N + per - 1) / per>([&](auto k) {
      __aie_v16 lo = r.d[2 * k], hi = r.d[2 * k + (P > 1)];
      (void)lo, (void)hi;
      if constexpr (bits_of<A> == 8) {
        static_assert(std::is_same_v<Tag, acc32>, "8-bit products accumulate in acc32");
        put_pair(r.d, k, P, __AIE_MULTIPLY_BY_KIND(i8, a.d[k / 2], b.d[k / 2], k % 2, sa, sb));
      } else if constexpr (bits_of<A> == 16 && per == 32)
        put_pair(r.d, k, P, __AIE_MULTIPLY_BY_KIND(i16, a.d[k], b.d[k], 0, sa, sb));
      else if constexpr (bits_of<A> == 16)
        put_pair(r.d, k, P, __AIE_MULTIPLY_BY_KIND(i16_a64, a.d[k / 2], b.d[k / 2], k % 2, sa, sb));
      else {
        static_assert(std::is_same_v<Tag, acc64>, "32-bit products accumulate in acc64");
        if constexpr (bits_of<B> == 16) put_pair(r.d, k, P, __AIE_MULTIPLY_BY_KIND(i32xi16, a.d[k], b.d[k / 2], k % 2, sa, sb));
        else put_pair(r.d, k, P, __AIE_MULTIPLY_BY_KIND(i32, a.d[k], b.d[k], 0, sa, sb));
      }
    });
  }
}
template <class T, class U, unsigned N> inline auto to_width(const vector<U, N> &v) {
  if constexpr (bits_of<U> < bits_of<T>) return unpack_to_<std::conditional_t<detail::is_signed<U>, std::make_signed_t<T>, std::make_unsigned_t<T>>>(v);
  else return v;
}
template <class A> struct element_or_scalar { using type = typename plain<A>::type; };
template <class T, unsigned N> struct element_or_scalar<vector<T, N>> { using type = T; };
template <class T, unsigned N> struct element_or_scalar<vector_ref<T, N>> { using type = std::remove_const_t<T>; };
template <class A> using element_t = typename element_or_scalar<A>::type;
template <class A> inline constexpr unsigned lanes_or_0 = 0;
template <class T, unsigned N> inline constexpr unsigned lanes_or_0<vector<T, N>> = N;
template <class T, unsigned N> inline constexpr unsigned lanes_or_0<vector_ref<T, N>> = N;

// a scalar takes the vector's element type, so that mul(v, 3) works
template <class A, class B, class F> inline auto with_operands(const A &a, const B &b, F f) {
  static_assert(!is_accum<A> && !is_accum<B>, "an accumulator where a vector is wanted: use to_vector<T>(shift)");
  if constexpr (is_vector<A> && is_vector<B>) {
    using T = element_t<A>;
    using U = element_t<B>;
    static_assert(lanes_or_0<A> == lanes_or_0<B>, "vectors have different sizes (number of elements)");
    static_assert(floating<T> == floating<U>, "a floating point and an integer vector cannot be multiplied");
    if constexpr (floating<T>) {
      static_assert(std::is_same_v<T, U>, "vectors have different element types");
      f(a, b);
    } else if constexpr (bits_of<T> == 32 && bits_of<U> < 32) f(a, to_width<int16_t>(b));
    else if constexpr (bits_of<U> == 32 && bits_of<T> < 32) f(b, to_width<int16_t>(a));
    else if constexpr (bits_of<T> >= bits_of<U>) f(a, to_width<T>(b));
    else f(to_width<U>(a), b);
  } else if constexpr (is_vector<A>) {
    f(a, as_vector<value_t<A>>(b));
  } else {
    f(as_vector<value_t<B>>(a), b);
  }
}
template <class A, class B> inline constexpr unsigned common_lanes = lanes_or_0<A> ? lanes_or_0<A> : lanes_or_0<B>;
template <class A, class B> struct default_tag {
  using T = std::conditional_t<is_vector<A>, element_t<A>, element_t<B>>;
  using U = std::conditional_t<is_vector<B>, element_t<B>, T>;
  using type = typename accumulator_of<T, U>::type;
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
template <class Tag, unsigned N, class A, class B> requires detail::vector_operands<A, B> inline accum<Tag, N> mac(const accum<Tag, N> &acc, const A &a, const B &b) {
  static_assert(detail::common_lanes<A, B> == N, "mac: accumulator and vectors have different sizes (number of elements)");
  accum<Tag, N> r = acc;
  detail::with_operands(a, b, [&](const auto &x, const auto &y) { detail::multiply<detail::accumulate>(r, x, y); });
  return r;
}
template <class Tag, unsigned N, class A, class B> requires detail::vector_operands<A, B> inline accum<Tag, N> msc(const accum<Tag, N> &acc, const A &a, const B &b) {
  static_assert(detail::common_lanes<A, B> == N, "msc: accumulator and vectors have different sizes (number of elements)");
  accum<Tag, N> r = acc;
  detail::with_operands(a, b, [&](const auto &x, const auto &y) { detail::multiply<detail::subtract>(r, x, y); });
  return r;
}
template <class T, unsigned N> inline auto mul_square(const vector<T, N> &v) { return mul(v, v); }
template <class Tag, class T, unsigned N> requires(detail::is_acc_tag<Tag>) inline auto mul_square(const vector<T, N> &v) { return mul<Tag>(v, v); }
template <class Tag, unsigned N, class T> inline auto mac_square(const accum<Tag, N> &acc, const vector<T, N> &v) { return mac(acc, v, v); }
template <class Tag, unsigned N, class T> inline auto msc_square(const accum<Tag, N> &acc, const vector<T, N> &v) { return msc(acc, v, v); }

}  // namespace aie
