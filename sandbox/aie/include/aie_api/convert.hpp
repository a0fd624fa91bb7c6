// Between accumulators and vectors, and between element types.
#pragma once
#include "iterators.hpp"

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
template <class R> inline void put_half(R &r, unsigned i, __aie_v16 x) { r.__d[i / 2] = i % 2 ? join(r.__d[i / 2], x) : x; }
}  // namespace detail

template <class Tag, unsigned N> template <class T> inline void accum<Tag, N>::from_vector(const vector<T, N> &v, int shift) { from_signed(v, detail::is_signed<T>, shift); }
template <class Tag, unsigned N> template <class T> inline void accum<Tag, N>::from_signed(const vector<T, N> &v, bool s, int shift) {
  using namespace detail;
  if constexpr (std::is_same_v<Tag, accfloat>) {
    static_assert(floating<T>, "accfloat is made from bfloat16 or float vectors");
    if constexpr (std::is_same_v<T, float>) each<__parts>([&](auto k) { __d[k] = v.__d[k]; });
    else each<__parts>([&](auto k) { __d[k] = __aie_vconv_f32_bf16(v.__d[k / 2], k % 2); });
  } else {
    static_assert(!floating<T>, "an integer accumulator is made from integer vectors; use accfloat");
    if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 8)
      each<(N + 31) / 32>([&](auto k) { detail::put_pair(__d, k, __parts, __aie_vups_a32_i8(v.__d[k / 2], k % 2, s, shift, saturation)); });
    else if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 16)
      each<(N + 31) / 32>([&](auto k) { detail::put_pair(__d, k, __parts, __aie_vups_a32_i16(v.__d[k], s, shift, saturation)); });
    else if constexpr (std::is_same_v<Tag, acc32>)
      each<__parts>([&](auto k) { __d[k] = __aie_vups_a32_i32(v.__d[k], s, shift, saturation); });
    else if constexpr (bits_of<T> == 16)
      each<(N + 15) / 16>([&](auto k) { detail::put_pair(__d, k, __parts, __aie_vups_a64_i16(v.__d[k / 2], k % 2, s, shift, saturation)); });
    else if constexpr (bits_of<T> == 32)
      each<(N + 15) / 16>([&](auto k) { detail::put_pair(__d, k, __parts, __aie_vups_a64_i32(v.__d[k], s, shift, saturation)); });
    else static_assert(bits_of<T> > 8, "acc64 is made from 16-bit or 32-bit vectors");
  }
}

template <class Tag, unsigned N> template <class T> inline vector<T, N> accum<Tag, N>::to_vector(int shift) const {
  using namespace detail;
  static_assert(is_element<T>, "to_vector: unsupported element type");
  vector<T, N> r;
  if constexpr (std::is_same_v<Tag, accfloat>) {
    static_assert(floating<T>, "accfloat becomes bfloat16 or float; use to_fixed for integers");
    if constexpr (std::is_same_v<T, float>) each<__parts>([&](auto k) { r.__d[k] = __d[k]; });
    else each<(N + 31) / 32>([&](auto k) { r.__d[k] = __aie_vconv_bf16_f32(__d[2 * k], __d[2 * k + (__parts > 1)], rounding); });
  } else {
    static_assert(!floating<T>, "an integer accumulator becomes an integer vector; use to_float");
    constexpr unsigned per = std::is_same_v<Tag, acc32> ? 32 : 16;  // lanes of one operation
    each<(N + per - 1) / per>([&](auto k) {
      __aie_v16 lo = __d[2 * k], hi = __d[2 * k + (__parts > 1)];
      if constexpr (std::is_same_v<Tag, acc32> && bits_of<T> == 32) {
        r.__d[2 * k] = __AIE_BY_SRS(T, a32, lo, lo, shift, rounding, saturation);
        if constexpr (N > 16) r.__d[2 * k + 1] = __AIE_BY_SRS(T, a32, hi, hi, shift, rounding, saturation);
      } else {
        __aie_v16 x;
        if constexpr (per == 32) x = __AIE_BY_SRS(T, a32, lo, hi, shift, rounding, saturation);
        else x = __AIE_BY_SRS(T, a64, lo, hi, shift, rounding, saturation);
        constexpr unsigned out = per * bits_of<T>;
        if constexpr (out == 512) r.__d[k] = x;
        else if constexpr (out == 256) put_half(r, k, x);
        else {
          struct { __aie_v16 __d[1]; } part{{x}};
          set_part<128>(r, part, k);
        }
      }
    });
  }
  return r;
}

template <class Tag, unsigned N> template <class T> inline vector<T, N> accum<Tag, N>::to_vector_sign(bool is_signed, int shift) const {
  if constexpr (detail::floating<T>) return to_vector<T>(shift);
  else if (is_signed) return to_vector<std::make_signed_t<T>>(shift).template cast_to<T>();
  else return to_vector<std::make_unsigned_t<T>>(shift).template cast_to<T>();
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
template <class U, class T, unsigned N> inline auto unpack_to(const vector<T, N> &v) {
  using W = typename wider<T>::type;
  static_assert(is_element<U> && !floating<U> && bits_of<U> > bits_of<T>, "unpack: the result's elements are not wider integers");
  vector<W, N> r;
  each<vector<W, N>::__parts>([&](auto k) { r.__d[k] = unpacked<T>(v.__d[k / 2], k % 2); });
  if constexpr (bits_of<W> == bits_of<U>) return r.template cast_to<U>();
  else return unpack_to<U>(r);
}
template <class U, class T, unsigned N> inline auto pack_to(const vector<T, N> &v) {
  using W = typename narrower<T>::type;
  static_assert(is_element<U> && !floating<U> && bits_of<U> < bits_of<T>, "pack: the result's elements are not narrower integers");
  vector<W, N> r;
  constexpr unsigned from = vector<T, N>::__parts;
  each<vector<W, N>::__parts>([&](auto k) {
    __aie_v16 lo = v.__d[2 * k], hi = v.__d[2 * k + (from > 1)];
    if constexpr (bits_of<T> == 16) r.__d[k] = __aie_vpack_w8_w16(lo, hi, saturation, detail::is_signed<T>);
    else r.__d[k] = __aie_vpack_w16_w32(lo, hi, saturation, detail::is_signed<T>);
  });
  if constexpr (bits_of<W> == bits_of<U>) return r.template cast_to<U>();
  else return pack_to<U>(r);
}
template <class U, class W> using if_named = std::conditional_t<std::is_same_v<U, void>, W, U>;
}  // namespace detail

template <class T, unsigned N> template <class U> inline auto vector<T, N>::unpack() const {
  if constexpr (std::is_same_v<U, void>) return detail::unpack_to<typename detail::wider<T>::type>(*this);
  else return detail::unpack_to<U>(*this);
}
template <class T, unsigned N> template <class U> inline auto vector<T, N>::pack() const {
  if constexpr (std::is_same_v<U, void>) return detail::pack_to<typename detail::narrower<T>::type>(*this);
  else return detail::pack_to<U>(*this);
}
// the same, with the sign of the elements chosen when it runs
template <class T, unsigned N> template <class U> inline auto vector<T, N>::unpack_sign(bool is_signed) const {
  using W = typename detail::wider<T>::type;
  using R = detail::if_named<U, W>;
  if (is_signed) return cast_to<std::make_signed_t<T>>().template unpack<std::make_signed_t<R>>().template cast_to<R>();
  return cast_to<std::make_unsigned_t<T>>().template unpack<std::make_unsigned_t<R>>().template cast_to<R>();
}
template <class T, unsigned N> template <class U> inline auto vector<T, N>::pack_sign(bool is_signed) const {
  using W = typename detail::narrower<T>::type;
  using R = detail::if_named<U, W>;
  if (is_signed) return cast_to<std::make_signed_t<T>>().template pack<std::make_signed_t<R>>().template cast_to<R>();
  return cast_to<std::make_unsigned_t<T>>().template pack<std::make_unsigned_t<R>>().template cast_to<R>();
}
template <class T, unsigned N> inline auto unpack(const vector<T, N> &v) { return v.unpack(); }
template <class T, unsigned N> inline auto pack(const vector<T, N> &v) { return v.pack(); }
template <class U, class T, unsigned N> requires(!detail::is_acc_tag<U>) inline auto vector_cast(const vector<T, N> &v) { return v.template cast_to<U>(); }
template <class Tag, class T, unsigned N> requires(detail::is_acc_tag<Tag>) inline auto vector_cast(const vector<T, N> &v) {
  accum<Tag, vector<T, N>::__bits / detail::acc_bits<Tag>> r;
  detail::each<r.__parts>([&](auto k) { r.__d[k] = v.__d[k]; });
  return r;
}
template <ElemBaseType U, class Tag, unsigned N> inline auto vector_cast(const accum<Tag, N> &a) {
  vector<U, accum<Tag, N>::__bits / detail::bits_of<U>> r;
  detail::each<r.__parts>([&](auto k) { r.__d[k] = a.__d[k]; });
  return r;
}

namespace detail {
// 64 bits as the sum of four 16-bit pieces, from the high one down
template <unsigned N> inline vector<float, N> float_of_wide(const accum<acc64, N> &a, int shift) {
  vector<float, N> r;
  each<(N + 15) / 16>([&](auto i) {
    __aie_v16 sum;
    each<4>([&](auto k) {
      constexpr int s = 48 - 16 * k;
      constexpr unsigned P = accum<acc64, N>::__parts;
      __aie_v16 lo = a.__d[2 * i], hi = a.__d[2 * i + (P > 1)];
      __aie_v16 w = k == 0 ? __aie_vunpack_i32_i16(__aie_vsrs_i16_a64(lo, hi, s, 0, 0), 0) : __aie_vunpack_u32_u16(__aie_vsrs_u16_a64(lo, hi, s, 0, 0), 0);
      __aie_v16 f = __aie_vconv_f32_i32(w, k == 0, shift - s);
      sum = k == 0 ? f : __aie_vaccadd_f32(sum, f);
    });
    r.__d[i] = sum;
  });
  return r;
}
}  // namespace detail
// fixed point <-> floating point: value * 2^-shift, value * 2^shift
template <class F = float, class T, unsigned N> inline vector<F, N> to_float(const vector<T, N> &v, int shift = 0) {
  using namespace detail;
  static_assert(floating<F> && !floating<T>, "to_float: from integers to bfloat16 or float");
  if constexpr (bits_of<T> < 32) {
    return to_float<F>(unpack_to<std::conditional_t<detail::is_signed<T>, int32_t, uint32_t>>(v), shift);
  } else {
    vector<float, N> r;
    each<vector<float, N>::__parts>([&](auto k) { r.__d[k] = __aie_vconv_f32_i32(v.__d[k], detail::is_signed<T>, shift); });
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
    each<vector<int32_t, N>::__parts>([&](auto k) { r.__d[k] = __aie_vfloor_i32_bf16(v.__d[k / 2], k % 2, shift); });
    if constexpr (bits_of<T> == 32) return r;
    else return filter_even(r.template cast_to<int16_t>());
  } else {
    vector<float, N> x;
    if constexpr (bits_of<F> == 16) x = accum<accfloat, N>(v).template to_vector<float>();
    else x = v;
    each<vector<int32_t, N>::__parts>([&](auto k) { r.__d[k] = __aie_vconv_i32_f32(x.__d[k], detail::is_signed<T> || bits_of<T> < 32, shift); });
    if constexpr (bits_of<T> == 32) return r.template cast_to<T>();
    else {
      vector<T, N> narrow;
      each<(N + 31) / 32>([&](auto k) {
        constexpr unsigned from = vector<int32_t, N>::__parts;
        __aie_v16 y = __AIE_BY_SRS(T, a32, r.__d[2 * k], r.__d[2 * k + (from > 1)], 0, 0, 1);
        if constexpr (bits_of<T> == 16) narrow.__d[k] = y;
        else put_half(narrow, k, y);
      });
      return narrow;
    }
  }
}

// only bfloat16 to 16 and 32 bits, rounded down
template <class T = int32_t, unsigned N> requires(std::is_same_v<T, int16_t> || std::is_same_v<T, int32_t>)
inline vector<T, N> to_fixed_floor(const vector<bfloat16, N> &v, int shift = 0) { return to_fixed<T>(v, shift); }
template <class T = int32_t, unsigned N> inline vector<T, N> to_fixed(const accum<accfloat, N> &a, int shift = 0) { return to_fixed<T>(a.template to_vector<float>(), shift); }
// an accumulator's value rounded to float
template <class F = float, class Tag, unsigned N> inline vector<F, N> to_float(const accum<Tag, N> &a, int shift = 0) {
  static_assert(std::is_same_v<F, float> && !std::is_same_v<Tag, accfloat>, "to_float: from integer accumulators to float");
  if constexpr (std::is_same_v<Tag, acc32>) {
    vector<int32_t, N> v;
    detail::each<v.__parts>([&](auto k) { v.__d[k] = a.__d[k]; });
    return to_float(v, shift);
  } else return detail::float_of_wide(a, shift);
}

// the same as functions
template <class T, class Tag, unsigned N> inline vector<T, N> to_vector(const accum<Tag, N> &a, int shift = 0) { return a.template to_vector<T>(shift); }
template <AccumElemBaseType Tag, class T, unsigned N> inline accum<Tag, N> from_vector(const vector<T, N> &v, int shift = 0) { return accum<Tag, N>(v, shift); }
template <class T = int32_t> inline T to_fixed(float x, int shift = 0) {
  static_assert(std::is_same_v<T, int8_t> || std::is_same_v<T, int16_t> || std::is_same_v<T, int32_t>, "to_fixed: a scalar becomes int8, int16 or int32");
  vector<float, 16> v;
  v.__d[0] = __aie_vbcst_w32(detail::to_bits(x));
  return to_fixed<T>(v, shift).get(0);
}
template <class F = float> inline F to_float(int x, int shift = 0) {
  static_assert(std::is_same_v<F, float> || std::is_same_v<F, bfloat16>, "to_float: a scalar becomes float or bfloat16");
  vector<int32_t, 16> v;
  v.__d[0] = __aie_vbcst_w32(x);
  return to_float<F>(v, shift).get(0);
}

}  // namespace aie
