// Inverses and roots. Of vectors they are the API's approximations for this core, step by step: a first guess from the
// bits of the operand, then one or two steps of Newton's. Of one float they are exact: library calls.
#pragma once
#include <cmath>

#include "arithmetic.hpp"

namespace aie {

namespace detail {
inline __aie_v16 spread_float(float x) { return __aie_vbcst_w32(to_bits(x)); }
inline __aie_v16 spread_bfloat(float x) { return __aie_vbcst_w16(to_bits((bfloat16)x)); }
inline __aie_v16 to_bfloats(__aie_v16 acc) { return __aie_vconv_bf16_f32(acc, acc, rounding); }
// 16 lanes of the operand to 16 lanes of an accumulator
inline __aie_v16 inverse_f32(__aie_v16 x) {
  __aie_v16 y = __aie_vsub_i32(__aie_vbcst_w32(0x7eb53567), x);
  __aie_v16 acc = __aie_vaccadd_f32(__aie_vnegmul_f32(x, y), spread_float(1.436142f));
  y = __aie_vnegmul_f32(__aie_vmul_f32(acc, y), spread_float(1.9395974f));
  return __aie_vnegmul_f32(y, __aie_vmac_f32(spread_float(2.0f), y, x));
}
inline __aie_v16 inverse_bf16(__aie_v16 x) {
  __aie_v16 y = __aie_vsub_i16(__aie_vbcst_w16(0x7eb5), x);
  __aie_v16 t = to_bfloats(__aie_vaccadd_f32(__aie_vnegmul_bf16(x, y, 0), spread_float(1.436142f)));
  t = to_bfloats(__aie_vmul_bf16(t, y, 0));
  y = to_bfloats(__aie_vnegmul_bf16(t, spread_bfloat(1.9395974f), 0));
  t = to_bfloats(__aie_vmac_bf16(spread_float(2.0f), y, x, 0));
  return __aie_vnegmul_bf16(y, t, 0);
}
constexpr float root_scale = 0.703952253f, root_start = root_scale * 2.38924456f;
// half of the bits, as an accumulator shifts them: under both modes
inline __aie_v16 root_guess(__aie_v16 x) {
  vector<int32_t, 16> bits;
  bits.__d[0] = x;
  return __aie_vsub_i32(__aie_vbcst_w32(0x5f1ffff9), accum<acc64, 16>(bits).template to_vector<int32_t>(1).__d[0]);
}
inline __aie_v16 inverse_root_f32(__aie_v16 x) {
  __aie_v16 y = root_guess(x);
  return __aie_vmul_f32(y, __aie_vmsc_f32(spread_float(root_start), __aie_vmul_f32(x, spread_float(root_scale)), __aie_vmul_f32(y, y)));
}
inline __aie_v16 inverse_root_bf16(__aie_v16 x) {
  __aie_v16 scaled = to_bfloats(__aie_vmul_bf16(x, spread_bfloat(root_scale), 0));
  __aie_v16 y = to_bfloats(root_guess(__aie_vconv_f32_bf16(x, 0)));
  __aie_v16 square = to_bfloats(__aie_vmul_bf16(y, y, 0));
  return __aie_vmul_bf16(y, to_bfloats(__aie_vmsc_bf16(spread_float(root_start), scaled, square, 0)), 0);
}
template <class T> concept wide_or_whole = (std::is_arithmetic_v<T> && !std::is_same_v<T, float>);
}  // namespace detail

#define __AIE_INVERSE(NAME, F, SCALAR)                                                               \
  template <class T, unsigned N> inline vector<T, N> NAME(const vector<T, N> &v) {                   \
    using namespace detail;                                                                          \
    static_assert(detail::floating<T>, #NAME ": only for floating point elements");                  \
    accum<accfloat, N> a;                                                                            \
    each<a.__parts>([&](auto k) {                                                                    \
      if constexpr (bits_of<T> == 32) a.__d[k] = F##_f32(v.__d[k]);                                  \
      else a.__d[k] = F##_bf16(k % 2 ? upper_down(v.__d[k / 2]) : __aie_v16(v.__d[k / 2]));          \
    });                                                                                              \
    return a.template to_vector<T>();                                                                \
  }                                                                                                  \
  inline float NAME(float x) { return __builtin_bit_cast(float, SCALAR(__builtin_bit_cast(int, x))); } \
  inline bfloat16 NAME(bfloat16 x) { return NAME(broadcast<bfloat16, 16>(x)).get(0); }               \
  template <detail::wide_or_whole T> inline float NAME(T) {                                          \
    static_assert(!detail::wide_or_whole<T>, #NAME ": only of float and bfloat16; write " #NAME "(float(x))"); \
    return 0;                                                                                        \
  }
__AIE_INVERSE(inv, inverse, __aie_inv_f32)
__AIE_INVERSE(invsqrt, inverse_root, __aie_invsqrt_f32)

inline float sqrt(float x) { return ::sqrtf(x); }
inline bfloat16 sqrt(bfloat16 x) { return (bfloat16)::sqrtf((float)x); }
// lane by lane, in scalar code
template <class T, unsigned N> inline vector<T, N> sqrt(const vector<T, N> &v) {
  static_assert(detail::floating<T>, "sqrt: only for floating point elements");
  vector<T, N> r;
  for (unsigned i = 0; i < N; i++) r.set((T)::sqrtf((float)v.get(i)), i);
  return r;
}

}  // namespace aie
