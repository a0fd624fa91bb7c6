// Between accumulators and vectors, and between element types.
#pragma once
#include "memory.hpp"

namespace aie {

namespace detail {
#define __AIE_BY_SRS(T, ACC, ...)                                                                   \
  (bits_of<T> == 8 ? (detail::is_signed<T> ? __aie_vsrs_i8_##ACC(__VA_ARGS__) : __aie_vsrs_u8_##ACC(__VA_ARGS__))     \
   : bits_of<T> == 16 ? (detail::is_signed<T> ? __aie_vsrs_i16_##ACC(__VA_ARGS__) : __aie_vsrs_u16_##ACC(__VA_ARGS__)) \
                      : (detail::is_signed<T> ? __aie_vsrs_i32_##ACC(__VA_ARGS__) : __aie_vsrs_u32_##ACC(__VA_ARGS__)))
// a 1024-bit result as registers 2i and 2i + 1 (where the second exists)
inline void put_pair(__aie_v16 *d, unsigned i, unsigned count, __aie_v32 x) {
  d[2 * i] = low(x);
  if (2 * i + 1 < count) d[2 * i + 1] = high(x);
}
template <class R> inline void put_half(R *d, unsigned i, __aie_v16 x) { d[i / 2] = i % 2 ? join(d[i / 2], x) : x; }
}  // namespace detail

template <class Tag, unsigned N> template <class T> inline void accum<Tag, N>::from_vector(const vector<T, N> &v, int shift) {
  using namespace detail;
  constexpr bool s = detail::is_signed<T>;
  if constexpr (std::is_same_v<Tag, accfloat>) {
    static_assert(floating<T>, "accfloat is made from bfloat16 or float vectors");
    if constexpr (std::is_same_v<T, float>) each<parts>([&](auto k) { d[k] = v.d[k]; });
    else each<parts>([&](auto k) { d[k] = __aie_vconv_f32_bf16(v.d[k / 2], k % 2); });
  } else {
    static_assert(!floating<T>, "an integer accumulator is made from integer vectors; use accfloat");
    if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 8)
      each<(N + 31) / 32>([&](auto k) { detail::put_pair(d, k, parts, __aie_vups_a32_i8(v.d[k / 2], k % 2, s, shift, saturation)); });
    else if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 16)
      each<(N + 31) / 32>([&](auto k) { detail::put_pair(d, k, parts, __aie_vups_a32_i16(v.d[k], s, shift, saturation)); });
    else if constexpr (std::is_same_v<Tag, acc32>)
      each<parts>([&](auto k) { d[k] = __aie_vups_a32_i32(v.d[k], s, shift, saturation); });
    else if constexpr (bits_of<T> == 16)
      each<(N + 15) / 16>([&](auto k) { detail::put_pair(d, k, parts, __aie_vups_a64_i16(v.d[k / 2], k % 2, s, shift, saturation)); });
    else if constexpr (bits_of<T> == 32)
      each<(N + 15) / 16>([&](auto k) { detail::put_pair(d, k, parts, __aie_vups_a64_i32(v.d[k], s, shift, saturation)); });
    else static_assert(bits_of<T> > 8, "acc64 is made from 16-bit or 32-bit vectors");
  }
}

template <class Tag, unsigned N> template <class T> inline vector<T, N> accum<Tag, N>::to_vector(int shift) const {
  using namespace detail;
  static_assert(is_element<T>, "to_vector: unsupported element type");
  vector<T, N> r;
  if constexpr (std::is_same_v<Tag, accfloat>) {
    static_assert(floating<T>, "accfloat becomes bfloat16 or float; use to_fixed for integers");
    if constexpr (std::is_same_v<T, float>) each<parts>([&](auto k) { r.d[k] = d[k]; });
    else each<(N + 31) / 32>([&](auto k) { r.d[k] = __aie_vconv_bf16_f32(d[2 * k], d[2 * k + (parts > 1)], rounding); });
  } else {
    static_assert(!floating<T>, "an integer accumulator becomes an integer vector; use to_float");
    constexpr unsigned per = std::is_same_v<Tag, acc32> ? 32 : 16;  // lanes of one operation
    each<(N + per - 1) / per>([&](auto k) {
      __aie_v16 lo = d[2 * k], hi = d[2 * k + (parts > 1)];
      if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 32) {
        r.d[2 * k] = __AIE_BY_SRS(T, a32, lo, lo, shift, rounding, saturation);
        if constexpr (N > 16) r.d[2 * k + 1] = __AIE_BY_SRS(T, a32, hi, hi, shift, rounding, saturation);
      } else {
        __aie_v16 x;
        if constexpr (per == 32) x = __AIE_BY_SRS(T, a32, lo, hi, shift, rounding, saturation);
        else x = __AIE_BY_SRS(T, a64, lo, hi, shift, rounding, saturation);
        constexpr unsigned out = per * bits_of<T>;
        if constexpr (out == 512) r.d[k] = x;
        else if constexpr (out == 256) put_half(r.d, k, x);
        else set_part<128>(r.d, &x, k);
      }
    });
  }
  return r;
}

// integer width changes; values wrap or saturate by the saturation mode when narrowed
namespace detail {
template <class T> struct wider { static_assert(!is_element<T>, "unpack: only from integers of 8 or 16 bits"); };
template <> struct wider<int8_t> { using type = int16_t; };
template <> struct wider<uint8_t> { using type = uint16_t; };
template <> struct wider<int16_t> { using type = int32_t; };
template <> struct wider<uint16_t> { using type = uint32_t; };
template <class T> struct narrower { static_assert(!is_element<T>, "pack: only from integers of 16 or 32 bits"); };
template <> struct narrower<int16_t> { using type = int8_t; };
template <> struct narrower<uint16_t> { using type = uint8_t; };
template <> struct narrower<int32_t> { using type = int16_t; };
template <> struct narrower<uint32_t> { using type = uint16_t; };
template <class T> inline __aie_v16 unpacked(__aie_v16 a, int h) {
  if constexpr (std::is_same_v<T, int8_t>) return __aie_vunpack_i16_i8(a, h);
  else if constexpr (std::is_same_v<T, uint8_t>) return __aie_vunpack_u16_u8(a, h);
  else if constexpr (std::is_same_v<T, int16_t>) return __aie_vunpack_i32_i16(a, h);
  else return __aie_vunpack_u32_u16(a, h);
}
}  // namespace detail

template <class U, class T, unsigned N> inline vector<U, N> unpack_to_(const vector<T, N> &v) {
  using namespace detail;
  using W = typename wider<T>::type;
  static_assert(bits_of<U> > bits_of<T>, "unpack: the result's elements are not wider");
  vector<W, N> r;
  each<vector<W, N>::parts>([&](auto k) { r.d[k] = unpacked<T>(v.d[k / 2], k % 2); });
  if constexpr (bits_of<W> == bits_of<U>) return r.template cast_to<U>();
  else return unpack_to_<U>(r);
}
template <class U, class T, unsigned N> inline vector<U, N> pack_to_(const vector<T, N> &v) {
  using namespace detail;
  using W = typename narrower<T>::type;
  static_assert(bits_of<U> < bits_of<T>, "pack: the result's elements are not narrower");
  vector<W, N> r;
  constexpr unsigned from = vector<T, N>::parts;
  each<vector<W, N>::parts>([&](auto k) {
    __aie_v16 lo = v.d[2 * k], hi = v.d[2 * k + (from > 1)];
    if constexpr (bits_of<T> == 16) r.d[k] = __aie_vpack_w8_w16(lo, hi, saturation, detail::is_signed<T>);
    else r.d[k] = __aie_vpack_w16_w32(lo, hi, saturation, detail::is_signed<T>);
  });
  if constexpr (bits_of<W> == bits_of<U>) return r.template cast_to<U>();
  else return pack_to_<U>(r);
}
template <class T, unsigned N> template <class U> inline auto vector<T, N>::unpack_to() const { return unpack_to_<U>(*this); }
template <class T, unsigned N> inline auto vector<T, N>::unpack() const { return unpack_to_<typename detail::wider<T>::type>(*this); }
template <class T, unsigned N> template <class U> inline auto vector<T, N>::pack_to() const { return pack_to_<U>(*this); }
template <class T, unsigned N> inline auto vector<T, N>::pack() const { return pack_to_<typename detail::narrower<T>::type>(*this); }
template <class T, unsigned N> inline auto unpack(const vector<T, N> &v) { return v.unpack(); }
template <class T, unsigned N> inline auto pack(const vector<T, N> &v) { return v.pack(); }
template <class U, class T, unsigned N> inline auto vector_cast(const vector<T, N> &v) { return v.template cast_to<U>(); }

// fixed point <-> floating point: value * 2^-shift, value * 2^shift
template <class F = float, class T, unsigned N> inline vector<F, N> to_float(const vector<T, N> &v, int shift = 0) {
  using namespace detail;
  static_assert(floating<F> && !floating<T>, "to_float: from integers to bfloat16 or float");
  if constexpr (bits_of<T> < 32) {
    return to_float<F>(unpack_to_<std::conditional_t<detail::is_signed<T>, int32_t, uint32_t>>(v), shift);
  } else {
    vector<float, N> r;
    each<vector<float, N>::parts>([&](auto k) { r.d[k] = __aie_vconv_f32_i32(v.d[k], detail::is_signed<T>, shift); });
    if constexpr (std::is_same_v<F, float>) return r;
    else return accum<accfloat, N>(r).template to_vector<F>();
  }
}
// bfloat16 to signed 16 and 32 bits is native: it rounds down, and 16 bits are the low half of 32.
// The others round to nearest even and saturate, whatever the modes.
template <class T = int32_t, class F, unsigned N> inline vector<T, N> to_fixed(const vector<F, N> &v, int shift = 0) {
  using namespace detail;
  static_assert(floating<F> && !floating<T>, "to_fixed: from bfloat16 or float to integers");
  vector<int32_t, N> r;
  if constexpr (bits_of<F> == 16 && bits_of<T> > 8 && detail::is_signed<T>) {
    each<vector<int32_t, N>::parts>([&](auto k) { r.d[k] = __aie_vfloor_i32_bf16(v.d[k / 2], k % 2, shift); });
    if constexpr (bits_of<T> == 32) return r;
    else return filter_even(r.template cast_to<int16_t>());
  } else {
    vector<float, N> x;
    if constexpr (bits_of<F> == 16) x = accum<accfloat, N>(v).template to_vector<float>();
    else x = v;
    each<vector<int32_t, N>::parts>([&](auto k) { r.d[k] = __aie_vconv_i32_f32(x.d[k], detail::is_signed<T> || bits_of<T> < 32, shift); });
    if constexpr (bits_of<T> == 32) return r.template cast_to<T>();
    else {
      vector<T, N> narrow;
      each<(N + 31) / 32>([&](auto k) {
        constexpr unsigned from = vector<int32_t, N>::parts;
        __aie_v16 y = __AIE_BY_SRS(T, a32, r.d[2 * k], r.d[2 * k + (from > 1)], 0, 0, 1);
        if constexpr (bits_of<T> == 16) narrow.d[k] = y;
        else put_half(narrow.d, k, y);
      });
      return narrow;
    }
  }
}

// the same as functions
template <class T, class Tag, unsigned N> requires(detail::is_acc_tag<Tag>) inline vector<T, N> to_vector(const accum<Tag, N> &a, int shift = 0) { return a.template to_vector<T>(shift); }
template <class Tag, class T, unsigned N> requires(detail::is_acc_tag<Tag>) inline accum<Tag, N> from_vector(const vector<T, N> &v, int shift = 0) { return accum<Tag, N>(v, shift); }
template <class T = int32_t, class F> requires(detail::is_element<F> && detail::floating<F>) inline T to_fixed(F x, int shift = 0) {
  vector<F, 16> v;
  v.d[0] = detail::bits_of<F> == 16 ? __aie_vbcst_w16(detail::to_bits(x)) : __aie_vbcst_w32(detail::to_bits(x));
  return (T)to_fixed<int32_t>(v, shift).get(0);
}
template <class F = float, class T> requires(std::is_integral_v<T>) inline F to_float(T x, int shift = 0) {
  vector<int32_t, 16> v;
  v.d[0] = __aie_vbcst_w32((int)x);
  return to_float<F>(v, shift).get(0);
}
template <class T = int32_t, class F, unsigned N> inline T to_fixed(const vector_elem_ref<F, N> &x, int shift = 0) { return to_fixed<T>(x.get(), shift); }
template <class F = float, class T, unsigned N> inline F to_float(const vector_elem_ref<T, N> &x, int shift = 0) { return to_float<F>(x.get(), shift); }

}  // namespace aie
