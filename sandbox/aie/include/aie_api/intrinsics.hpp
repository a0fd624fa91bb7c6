// Intrinsics on native registers, by the names that the core's compiler gives them.
#pragma once
#include "native.hpp"

// modes of shuffle: T<width>_<rows>x<columns>, the transpose of a matrix in one or two registers
enum : unsigned {
  T8_64x2_lo, T8_64x2_hi, T16_32x2_lo, T16_32x2_hi, T32_16x2_lo, T32_16x2_hi, T64_8x2_lo, T64_8x2_hi,
  T128_4x2_lo, T128_4x2_hi, T256_2x2_lo, T256_2x2_hi, T128_2x4_lo, T128_2x4_hi, T64_2x8_lo, T64_2x8_hi,
  T32_2x16_lo, T32_2x16_hi, T16_2x32_lo, T16_2x32_hi, T8_2x64_lo, T8_2x64_hi, T512_1x2_lo, T512_1x2_hi,
  T16_16x4_lo, T16_16x4_hi, T16_4x16_lo, T16_4x16_hi, T16_8x4, T16_4x8, T32_8x4_lo, T32_8x4_hi,
  T32_4x8_lo, T32_4x8_hi, T32_4x4, T8_8x8, T8_16x4, T8_4x16,
  DINTLV_lo_8o16 = T8_64x2_lo, DINTLV_hi_8o16, DINTLV_lo_16o32, DINTLV_hi_16o32, DINTLV_lo_32o64, DINTLV_hi_32o64,
  DINTLV_lo_64o128, DINTLV_hi_64o128, DINTLV_lo_128o256, DINTLV_hi_128o256, DINTLV_lo_256o512, DINTLV_hi_256o512,
  INTLV_lo_256o512 = T256_2x2_lo, INTLV_hi_256o512, INTLV_lo_128o256, INTLV_hi_128o256, INTLV_lo_64o128, INTLV_hi_64o128,
  INTLV_lo_32o64, INTLV_hi_32o64, INTLV_lo_16o32, INTLV_hi_16o32, INTLV_lo_8o16, INTLV_hi_8o16
};
enum : unsigned {
  rnd_floor = 0, rnd_ceil = 1, rnd_sym_floor = 2, rnd_sym_ceil = 3, rnd_neg_inf = 8, rnd_pos_inf = 9,
  rnd_sym_zero = 10, rnd_sym_inf = 11, rnd_conv_even = 12, rnd_conv_odd = 13
};
typedef unsigned crsat_t;
typedef unsigned crrnd_t;
inline void set_satmode(unsigned mode) { ::aie::set_saturation((::aie::saturation_mode)mode); }
inline void set_symsat() { ::aie::set_saturation(::aie::saturation_mode::symmetric); }
inline unsigned get_satmode() { return (unsigned)::aie::get_saturation(); }
inline unsigned get_sat() { return get_satmode(); }
inline unsigned get_rnd() { return (unsigned)::aie::get_rounding(); }

// leading bits that are as the sign
inline unsigned clb(unsigned x) { return x ? __builtin_clz(x) : 32; }
inline unsigned clb(int x) { return clb((unsigned)(x < 0 ? ~x : x)); }
inline unsigned clb(unsigned long long x) { return x ? __builtin_clzll(x) : 64; }
inline unsigned clb(long long x) { return clb((unsigned long long)(x < 0 ? ~x : x)); }

namespace aie::detail {
inline __aie_v16 shuffled(__aie_v16 a, __aie_v16 b, unsigned mode) {
  switch (mode) {
    case T8_64x2_lo: return __aie_vshuffle_even_w8(a, b, 64);
    case T8_64x2_hi: return __aie_vshuffle_odd_w8(a, b, 64);
    case T16_32x2_lo: return __aie_vshuffle_even_w16(a, b, 32);
    case T16_32x2_hi: return __aie_vshuffle_odd_w16(a, b, 32);
    case T32_16x2_lo: return __aie_vshuffle_even_w32(a, b, 16);
    case T32_16x2_hi: return __aie_vshuffle_odd_w32(a, b, 16);
    case T64_8x2_lo: return __aie_vshuffle_even_w64(a, b, 8);
    case T64_8x2_hi: return __aie_vshuffle_odd_w64(a, b, 8);
    case T128_4x2_lo: return __aie_vshuffle_even_w128(a, b, 4);
    case T128_4x2_hi: return __aie_vshuffle_odd_w128(a, b, 4);
    case T256_2x2_lo: return join(a, b);
    case T256_2x2_hi: return join(upper_down(a), upper_down(b));
    case T128_2x4_lo: return __aie_vshuffle_ziplo_w128(a, b, 4);
    case T128_2x4_hi: return __aie_vshuffle_ziphi_w128(a, b, 4);
    case T64_2x8_lo: return __aie_vshuffle_ziplo_w64(a, b, 8);
    case T64_2x8_hi: return __aie_vshuffle_ziphi_w64(a, b, 8);
    case T32_2x16_lo: return __aie_vshuffle_ziplo_w32(a, b, 16);
    case T32_2x16_hi: return __aie_vshuffle_ziphi_w32(a, b, 16);
    case T16_2x32_lo: return __aie_vshuffle_ziplo_w16(a, b, 32);
    case T16_2x32_hi: return __aie_vshuffle_ziphi_w16(a, b, 32);
    case T8_2x64_lo: return __aie_vshuffle_ziplo_w8(a, b, 64);
    case T8_2x64_hi: return __aie_vshuffle_ziphi_w8(a, b, 64);
    case T512_1x2_lo: return a;
    case T512_1x2_hi: return b;
    case T16_16x4_lo: return __aie_vshuffle_transpose_w16(a, b, 16, 4, 0);
    case T16_16x4_hi: return __aie_vshuffle_transpose_w16(a, b, 16, 4, 1);
    case T16_4x16_lo: return __aie_vshuffle_transpose_w16(a, b, 4, 16, 0);
    case T16_4x16_hi: return __aie_vshuffle_transpose_w16(a, b, 4, 16, 1);
    case T16_8x4: return __aie_vshuffle_transpose_w16(a, a, 8, 4, 0);
    case T16_4x8: return __aie_vshuffle_transpose_w16(a, a, 4, 8, 0);
    case T32_8x4_lo: return __aie_vshuffle_transpose_w32(a, b, 8, 4, 0);
    case T32_8x4_hi: return __aie_vshuffle_transpose_w32(a, b, 8, 4, 1);
    case T32_4x8_lo: return __aie_vshuffle_transpose_w32(a, b, 4, 8, 0);
    case T32_4x8_hi: return __aie_vshuffle_transpose_w32(a, b, 4, 8, 1);
    case T32_4x4: return __aie_vshuffle_transpose_w32(a, a, 4, 4, 0);
    case T8_8x8: return __aie_vshuffle_transpose_w8(a, a, 8, 8, 0);
    case T8_16x4: return __aie_vshuffle_transpose_w8(a, a, 16, 4, 0);
    default: return __aie_vshuffle_transpose_w8(a, a, 4, 16, 0);
  }
}
template <class T, class V> inline auto of_native(V v) { return vector<T, sizeof(V) / sizeof(T)>(v); }
template <unsigned N> inline auto lane_bits(const mask<N> &m) {
  if constexpr (N == 64) return (unsigned long long)m.__bits[0];
  else return (unsigned)m.__bits[0];
}
template <size_t bytes> using lane_word = std::conditional_t<bytes == 1, unsigned long long, unsigned>;
template <unsigned N> inline mask<N> lanes_of(unsigned long long bits) {
  mask<N> m;
  m.__bits[0] = bits;
  return m;
}
template <class V> inline __aie_v16 register_of(V v) { return __builtin_bit_cast(__aie_v16, v); }
}  // namespace aie::detail

// Templates only so that what a kernel does not call costs it nothing: their parameters are plain
// registers, to which vectors convert.
#define __AIE_OF(TYPE) template <class T = TYPE>
// 512-bit registers of any element
#define __AIE_512(V, TYPE) \
  inline V shuffle(V a, V b, unsigned mode) { using namespace ::aie::detail; return __builtin_bit_cast(V, shuffled(register_of(a), register_of(b), mode)); } \
  inline V shuffle(V a, unsigned mode) { return shuffle(a, a, mode); } \
  inline V shift_bytes(V a, V b, unsigned n) { using namespace ::aie::detail; return __builtin_bit_cast(V, __aie_vshift(register_of(a), register_of(b), (int)n)); } \
  __AIE_OF(TYPE) inline V shift(V a, V b, unsigned n) { return shift_bytes(a, b, n * (unsigned)sizeof(T)); } \
  __AIE_OF(TYPE) inline V broadcast_elem(V v, int i) { return ::aie::broadcast<T, 64 / sizeof(T)>(::aie::detail::of_native<T>(v).get(i)); } \
  __AIE_OF(TYPE) inline T ext_elem(V v, int i) { return ::aie::detail::of_native<T>(v).get(i); } \
  __AIE_OF(TYPE) inline T extract_elem(V v, int i) { return ext_elem<T>(v, i); } \
  __AIE_OF(TYPE) inline V upd_elem(V v, int i, TYPE x) { auto w = ::aie::detail::of_native<T>(v); w.set(x, i); return w; } \
  __AIE_OF(TYPE) inline V insert(V v, int i, TYPE x) { return upd_elem(v, i, x); } \
  __AIE_OF(TYPE) inline V shiftl_elem(V v, TYPE x) { return shift_bytes(v, ::aie::broadcast<T, 64 / sizeof(T)>(x), sizeof(T)); } \
  __AIE_OF(TYPE) inline V shiftr_elem(V v, TYPE x) { return shift_bytes(::aie::broadcast<T, 64 / sizeof(T)>(x), v, 64 - sizeof(T)); }
#define __AIE_BETWEEN(V, TYPE) \
  __AIE_OF(TYPE) inline V max(V a, V b) { return ::aie::max(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V min(V a, V b) { return ::aie::min(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> lt(V a, V b) { return ::aie::detail::lane_bits(::aie::lt(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> ge(V a, V b) { return ::aie::detail::lane_bits(::aie::ge(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> gt(V a, V b) { return lt<T>(b, a); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> le(V a, V b) { return ge<T>(b, a); } \
  __AIE_OF(TYPE) inline V max_lt(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> &less) { less = lt<T>(a, b); return max<T>(a, b); } \
  __AIE_OF(TYPE) inline V min_ge(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> &not_less) { not_less = ge<T>(a, b); return min<T>(a, b); } \
  __AIE_OF(TYPE) inline V sel(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> m) { return ::aie::select(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b), ::aie::detail::lanes_of<64 / sizeof(T)>(m)); }
#define __AIE_BITWISE(V, TYPE) \
  __AIE_OF(TYPE) inline V band(V a, V b) { return ::aie::bit_and(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V bor(V a, V b) { return ::aie::bit_or(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V bxor(V a, V b) { return ::aie::bit_xor(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V bneg(V a) { return ::aie::bit_not(::aie::detail::of_native<T>(a)); } \
  __AIE_OF(TYPE) inline V add(V a, V b) { return ::aie::add(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V sub(V a, V b) { return ::aie::sub(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); }
#define __AIE_WITH_ZERO(V, TYPE) \
  __AIE_OF(TYPE) inline V maxdiff(V a, V b) { return ::aie::maxdiff(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline V neg(V a) { return ::aie::sub(T(0), ::aie::detail::of_native<T>(a)); } \
  __AIE_OF(TYPE) inline V abs(V a) { return ::aie::abs(::aie::detail::of_native<T>(a)); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> eq(V a, V b) { return ::aie::detail::lane_bits(::aie::eq(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> ne(V a, V b) { return ::aie::detail::lane_bits(::aie::neq(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> eqz(V a) { return ::aie::detail::lane_bits(::aie::eq(::aie::detail::of_native<T>(a), T(0))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> ltz(V a) { return ::aie::detail::lane_bits(::aie::lt(::aie::detail::of_native<T>(a), T(0))); } \
  __AIE_OF(TYPE) inline ::aie::detail::lane_word<sizeof(TYPE)> gtz(V a) { return ::aie::detail::lane_bits(::aie::gt(::aie::detail::of_native<T>(a), T(0))); } \
  __AIE_OF(TYPE) inline V abs_gtz(V a, ::aie::detail::lane_word<sizeof(TYPE)> &positive) { positive = gtz<T>(a); return abs<T>(a); } \
  __AIE_OF(TYPE) inline V sub_lt(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> &less) { less = lt<T>(a, b); return sub<T>(a, b); } \
  __AIE_OF(TYPE) inline V sub_ge(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> &not_less) { not_less = ge<T>(a, b); return sub<T>(a, b); } \
  __AIE_OF(TYPE) inline V maxdiff_lt(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> &less) { less = lt<T>(a, b); return maxdiff<T>(a, b); }
// a - b where the bit is set, else a + b
#define __AIE_ADDSUB(V, TYPE) \
  __AIE_OF(TYPE) inline V addsub(V a, V b, ::aie::detail::lane_word<sizeof(TYPE)> m) { return sel<T>(add<T>(a, b), sub<T>(a, b), m); } \
  __AIE_OF(TYPE) inline V bneg_ltz(V a, ::aie::detail::lane_word<sizeof(TYPE)> &negative) { negative = ltz<T>(a); return bneg<T>(a); }
#define __AIE_NEG_GTZ(V, TYPE) \
  __AIE_OF(TYPE) inline V neg_gtz(V a, ::aie::detail::lane_word<sizeof(TYPE)> &positive) { positive = gtz<T>(a); return neg<T>(a); }
// the same with the sign of the elements as an argument: those of one sign computed as those of the other
#define __AIE_SIGN(V, TYPE, SV, S, UV, U) \
  __AIE_OF(TYPE) inline V max(V a, V b, bool sgn) { return sgn ? (V)max<S>((SV)a, (SV)b) : (V)max<U>((UV)a, (UV)b); } \
  __AIE_OF(TYPE) inline V min(V a, V b, bool sgn) { return sgn ? (V)min<S>((SV)a, (SV)b) : (V)min<U>((UV)a, (UV)b); } \
  __AIE_OF(TYPE) inline V maxdiff(V a, V b, bool sgn) { return sgn ? (V)maxdiff<S>((SV)a, (SV)b) : (V)maxdiff<U>((UV)a, (UV)b); } \
  __AIE_OF(TYPE) inline V abs(V a, bool sgn) { return sgn ? (V)abs<S>((SV)a) : a; } \
  __AIE_OF(TYPE) inline auto lt(V a, V b, bool sgn) { return sgn ? lt<S>((SV)a, (SV)b) : lt<U>((UV)a, (UV)b); } \
  __AIE_OF(TYPE) inline auto ge(V a, V b, bool sgn) { return sgn ? ge<S>((SV)a, (SV)b) : ge<U>((UV)a, (UV)b); } \
  __AIE_OF(TYPE) inline auto gt(V a, V b, bool sgn) { return lt<T>(b, a, sgn); } \
  __AIE_OF(TYPE) inline auto le(V a, V b, bool sgn) { return ge<T>(b, a, sgn); } \
  __AIE_OF(TYPE) inline auto ltz(V a, bool sgn) { return sgn ? ltz<S>((SV)a) : ltz<U>((UV)a); } \
  __AIE_OF(TYPE) inline auto gtz(V a, bool sgn) { return sgn ? gtz<S>((SV)a) : gtz<U>((UV)a); } \
  __AIE_OF(TYPE) inline V max_lt(V a, V b, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = lt<T>(a, b, sgn); return max<T>(a, b, sgn); } \
  __AIE_OF(TYPE) inline V min_ge(V a, V b, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = ge<T>(a, b, sgn); return min<T>(a, b, sgn); } \
  __AIE_OF(TYPE) inline V maxdiff_lt(V a, V b, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = lt<T>(a, b, sgn); return maxdiff<T>(a, b, sgn); } \
  __AIE_OF(TYPE) inline V sub_lt(V a, V b, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = lt<T>(a, b, sgn); return sub<T>(a, b); } \
  __AIE_OF(TYPE) inline V sub_ge(V a, V b, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = ge<T>(a, b, sgn); return sub<T>(a, b); } \
  __AIE_OF(TYPE) inline V abs_gtz(V a, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = gtz<T>(a, sgn); return abs<T>(a, sgn); } \
  __AIE_OF(TYPE) inline V bneg_ltz(V a, bool sgn, ::aie::detail::lane_word<sizeof(TYPE)> &m) { m = ltz<T>(a, sgn); return bneg<T>(a); }
#define __AIE_INTEGERS(V, T) __AIE_512(V, T) __AIE_BETWEEN(V, T) __AIE_BITWISE(V, T) __AIE_WITH_ZERO(V, T) __AIE_ADDSUB(V, T)
__AIE_INTEGERS(v64int8, int8_t)
__AIE_INTEGERS(v64uint8, uint8_t)
__AIE_INTEGERS(v32int16, int16_t)
__AIE_INTEGERS(v32uint16, uint16_t)
__AIE_INTEGERS(v16int32, int32_t)
__AIE_INTEGERS(v16uint32, uint32_t)
#define __AIE_SIGNS(SV, S, UV, U) __AIE_NEG_GTZ(SV, S) __AIE_SIGN(SV, S, SV, S, UV, U) __AIE_SIGN(UV, U, SV, S, UV, U)
__AIE_SIGNS(v64int8, int8_t, v64uint8, uint8_t)
__AIE_SIGNS(v32int16, int16_t, v32uint16, uint16_t)
__AIE_SIGNS(v16int32, int32_t, v16uint32, uint32_t)
__AIE_512(v32bfloat16, bfloat16)
__AIE_BETWEEN(v32bfloat16, bfloat16)
__AIE_512(v16float, float)
__AIE_BETWEEN(v16float, float)
// of floating point elements: bits as of integers
#define __AIE_FLOAT_BITS(V, TYPE, I) \
  __AIE_OF(TYPE) inline V band(V a, V b) { return (V)((I)a & (I)b); } \
  __AIE_OF(TYPE) inline V bor(V a, V b) { return (V)((I)a | (I)b); } \
  __AIE_OF(TYPE) inline V bxor(V a, V b) { return (V)((I)a ^ (I)b); } \
  __AIE_OF(TYPE) inline V bneg(V a) { return (V)~(I)a; } \
  __AIE_OF(TYPE) inline unsigned ltz(V a) { return lt<T>(a, V{}); } \
  __AIE_OF(TYPE) inline unsigned gtz(V a) { return gt<T>(a, V{}); } \
  __AIE_OF(TYPE) inline unsigned eq(V a, V b) { return le<T>(a, b) & ge<T>(a, b); } \
  __AIE_OF(TYPE) inline unsigned ne(V a, V b) { return lt<T>(a, b) | gt<T>(a, b); } \
  __AIE_OF(TYPE) inline unsigned eqz(V a) { return eq<T>(a, V{}); }
__AIE_FLOAT_BITS(v32bfloat16, bfloat16, v32int16)
__AIE_OF(bfloat16) inline v32bfloat16 abs(v32bfloat16 a) { return ::aie::abs(::aie::detail::of_native<T>(a)); }
__AIE_OF(float) inline v16float abs(v16float a) { return ::aie::abs(::aie::detail::of_native<T>(a)); }

// a whole and its halves
#define __AIE_HALVES(V, H, TYPE) \
  __AIE_OF(TYPE) inline H extract_##H(V v, int i) { return ::aie::detail::of_native<T>(v).template extract<sizeof(H) / sizeof(T)>(i); } \
  __AIE_OF(TYPE) inline V insert(V v, int i, H h) { return ::aie::detail::of_native<T>(v).insert(i, ::aie::detail::of_native<T>(h)); } \
  __AIE_OF(TYPE) inline V set_##V(int i, H h) { return ::aie::detail::of_native<T>(h).template grow<sizeof(V) / sizeof(T)>(i); } \
  __AIE_OF(TYPE) inline V concat(H a, H b) { return ::aie::concat(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); }
__AIE_HALVES(v64int8, v32int8, int8_t)
__AIE_HALVES(v64uint8, v32uint8, uint8_t)
__AIE_HALVES(v32int16, v16int16, int16_t)
__AIE_HALVES(v32uint16, v16uint16, uint16_t)
__AIE_HALVES(v16int32, v8int32, int32_t)
__AIE_HALVES(v16uint32, v8uint32, uint32_t)
__AIE_HALVES(v32bfloat16, v16bfloat16, bfloat16)
__AIE_HALVES(v16float, v8float, float)
__AIE_HALVES(v128int8, v64int8, int8_t)
__AIE_HALVES(v128uint8, v64uint8, uint8_t)
__AIE_HALVES(v64int16, v32int16, int16_t)
__AIE_HALVES(v64uint16, v32uint16, uint16_t)
__AIE_HALVES(v32int32, v16int32, int32_t)
__AIE_HALVES(v64bfloat16, v32bfloat16, bfloat16)
__AIE_HALVES(v32float, v16float, float)

// quarters of a 512-bit register
#define __AIE_QUARTERS(V, Q, TYPE) \
  __AIE_OF(TYPE) inline Q extract_##Q(V v, int i) { return ::aie::detail::of_native<T>(v).template extract<sizeof(Q) / sizeof(T)>(i); } \
  __AIE_OF(TYPE) inline V insert(V v, int i, Q q) { return ::aie::detail::of_native<T>(v).insert(i, ::aie::detail::of_native<T>(q)); }
__AIE_QUARTERS(v64int8, v16int8, int8_t)
__AIE_QUARTERS(v64uint8, v16uint8, uint8_t)
__AIE_QUARTERS(v32int16, v8int16, int16_t)
__AIE_QUARTERS(v32uint16, v8uint16, uint16_t)
__AIE_QUARTERS(v16int32, v4int32, int32_t)
__AIE_QUARTERS(v16uint32, v4uint32, uint32_t)
__AIE_QUARTERS(v32bfloat16, v8bfloat16, bfloat16)
__AIE_QUARTERS(v16float, v4float, float)

// accumulators by their own names: those of 32 bits are vectors here
#define __AIE_ACC_HALVES(V, H, TAG, N) \
  __AIE_OF(TAG) inline H extract_##H(V v, int i) { return ::aie::accum<T, N>(v).template extract<N / 2>(i); } \
  __AIE_OF(TAG) inline V set_##V(int i, H h) { return ::aie::accum<T, N>().insert(i, ::aie::accum<T, N / 2>(h)); }
__AIE_ACC_HALVES(v32acc32, v16acc32, acc32, 32)
__AIE_ACC_HALVES(v16acc64, v8acc64, acc64, 16)
__AIE_ACC_HALVES(v32accfloat, v16accfloat, accfloat, 32)
__AIE_OF(acc64) inline v16acc64 insert(v16acc64 v, int i, v8acc64 h) { return ::aie::accum<T, 16>(v).insert(i, ::aie::accum<T, 8>(h)); }
__AIE_OF(acc64) inline v16acc64 concat(v8acc64 a, v8acc64 b) { return ::aie::concat(::aie::accum<T, 8>(a), ::aie::accum<T, 8>(b)); }

// never set
#define __AIE_UNSET(V) __AIE_OF(V) inline V undef_##V() { T v; return v; }
#define __AIE_UNSET_ALL(A, B, C, D, TYPE) __AIE_UNSET(v##A##TYPE) __AIE_UNSET(v##B##TYPE) __AIE_UNSET(v##C##TYPE) __AIE_UNSET(v##D##TYPE)
__AIE_UNSET_ALL(16, 32, 64, 128, int8)
__AIE_UNSET_ALL(16, 32, 64, 128, uint8)
__AIE_UNSET_ALL(8, 16, 32, 64, int16)
__AIE_UNSET_ALL(8, 16, 32, 64, uint16)
__AIE_UNSET_ALL(4, 8, 16, 32, int32)
__AIE_UNSET_ALL(4, 8, 16, 32, uint32)
__AIE_UNSET_ALL(8, 16, 32, 64, bfloat16)
__AIE_UNSET_ALL(4, 8, 16, 32, float)
__AIE_UNSET(v16acc32)
__AIE_UNSET(v32acc32)
__AIE_UNSET(v8acc64)
__AIE_UNSET(v16acc64)
__AIE_UNSET(v8accfloat)
__AIE_UNSET(v16accfloat)
__AIE_UNSET(v32accfloat)

// one value in all lanes
#define __AIE_SPREAD(V, TYPE, NAME) \
  __AIE_OF(TYPE) inline V broadcast_##NAME(TYPE x) { return ::aie::broadcast<T, 64 / sizeof(T)>(x); } \
  __AIE_OF(TYPE) inline V broadcast_to_##V(TYPE x) { return broadcast_##NAME(x); } \
  __AIE_OF(TYPE) inline V broadcast_zero_##NAME() { return ::aie::zeros<T, 64 / sizeof(T)>(); } \
  __AIE_OF(TYPE) inline V broadcast_zero_to_##V() { return ::aie::zeros<T, 64 / sizeof(T)>(); } \
  __AIE_OF(TYPE) inline V broadcast_one_##NAME() { return broadcast_##NAME(T(1)); }
__AIE_SPREAD(v64int8, int8_t, s8)
__AIE_SPREAD(v64uint8, uint8_t, u8)
__AIE_SPREAD(v32int16, int16_t, s16)
__AIE_SPREAD(v32uint16, uint16_t, u16)
__AIE_SPREAD(v16int32, int32_t, s32)
__AIE_SPREAD(v16uint32, uint32_t, u32)
__AIE_SPREAD(v32bfloat16, bfloat16, bfloat16)
__AIE_SPREAD(v16float, float, float)
__AIE_OF(bfloat16) inline v32bfloat16 broadcast_one_to_v32bfloat16() { return ::aie::broadcast<T, 32>(T(1)); }

// accumulators to vectors and back: by the result's type, and by the width of the accumulator's lanes
#define __AIE_NARROW(NAME, V, TYPE, N, A, TAG) \
  __AIE_OF(TYPE) inline V srs_to_##V(A a, int shift) { return ::aie::accum<TAG, N>(a).template to_vector<T>(shift); } \
  __AIE_OF(TYPE) inline V srs_to_##V(A a, int shift, int sign) { return ::aie::accum<TAG, N>(a).template to_vector_sign<T>(sign != 0, shift); } \
  __AIE_OF(TYPE) inline V NAME(A a, int shift) { return srs_to_##V(a, shift); } \
  __AIE_OF(TYPE) inline V NAME(A a, int shift, int sign) { return srs_to_##V(a, shift, sign); } \
  __AIE_OF(TYPE) inline V srs_to_##V##_conf(A a, int shift, int sign, crsat_t sat, crrnd_t rnd) { \
    auto s = ::aie::swap_saturation((::aie::saturation_mode)sat); \
    auto r = ::aie::swap_rounding((::aie::rounding_mode)rnd); \
    V v = srs_to_##V(a, shift, sign); \
    ::aie::set_saturation(s); \
    ::aie::set_rounding(r); \
    return v; \
  } \
  __AIE_OF(TYPE) inline V srs_to_##V##_conf(A a, int shift, crsat_t sat, crrnd_t rnd) { return srs_to_##V##_conf(a, shift, ::aie::detail::is_signed<T>, sat, rnd); } \
  __AIE_OF(TYPE) inline V NAME##_conf(A a, int shift, int sign, crsat_t sat, crrnd_t rnd) { return srs_to_##V##_conf(a, shift, sign, sat, rnd); } \
  __AIE_OF(TYPE) inline V NAME##_conf(A a, int shift, crsat_t sat, crrnd_t rnd) { return srs_to_##V##_conf(a, shift, sat, rnd); }
__AIE_NARROW(ssrs, v32int8, int8_t, 32, v32acc32, acc32)
__AIE_NARROW(ussrs, v32uint8, uint8_t, 32, v32acc32, acc32)
__AIE_NARROW(lsrs, v32int16, int16_t, 32, v32acc32, acc32)
__AIE_NARROW(ulsrs, v32uint16, uint16_t, 32, v32acc32, acc32)
__AIE_NARROW(lsrs, v16int16, int16_t, 16, v16acc32, acc32)
__AIE_NARROW(ulsrs, v16uint16, uint16_t, 16, v16acc32, acc32)
__AIE_NARROW(ssrs, v16int16, int16_t, 16, v16acc64, acc64)
__AIE_NARROW(ussrs, v16uint16, uint16_t, 16, v16acc64, acc64)
__AIE_NARROW(lsrs, v16int32, int32_t, 16, v16acc64, acc64)
__AIE_NARROW(ulsrs, v16uint32, uint32_t, 16, v16acc64, acc64)
__AIE_NARROW(lsrs, v8int32, int32_t, 8, v8acc64, acc64)
__AIE_NARROW(ulsrs, v8uint32, uint32_t, 8, v8acc64, acc64)
#define __AIE_UPS(NAME, A, TAG, V, TYPE, N) \
  __AIE_OF(TYPE) inline A ups_to_##A(V v, int shift) { return ::aie::accum<TAG, N>(::aie::detail::of_native<T>(v), shift); } \
  __AIE_OF(TYPE) inline A ups_to_##A(V v, int shift, int sign) { \
    ::aie::accum<TAG, N> a; \
    a.from_vector_sign(::aie::detail::of_native<T>(v), sign != 0, shift); \
    return a; \
  } \
  __AIE_OF(TYPE) inline A NAME(V v, int shift) { return ups_to_##A(v, shift); } \
  __AIE_OF(TYPE) inline A NAME(V v, int shift, int sign) { return ups_to_##A(v, shift, sign); }
__AIE_UPS(sups, v32acc32, acc32, v32int8, int8_t, 32)
__AIE_UPS(sups, v32acc32, acc32, v32uint8, uint8_t, 32)
__AIE_UPS(sups, v32acc32, acc32, v32int16, int16_t, 32)
__AIE_UPS(sups, v32acc32, acc32, v32uint16, uint16_t, 32)
__AIE_UPS(sups, v16acc32, acc32, v16int16, int16_t, 16)
__AIE_UPS(sups, v16acc32, acc32, v16uint16, uint16_t, 16)
__AIE_UPS(lups, v16acc64, acc64, v16int16, int16_t, 16)
__AIE_UPS(lups, v16acc64, acc64, v16uint16, uint16_t, 16)
__AIE_UPS(lups, v16acc64, acc64, v16int32, int32_t, 16)
__AIE_UPS(lups, v16acc64, acc64, v16uint32, uint32_t, 16)
__AIE_UPS(lups, v8acc64, acc64, v8int32, int32_t, 8)
__AIE_UPS(lups, v8acc64, acc64, v8uint32, uint32_t, 8)
__AIE_OF(bfloat16) inline v32accfloat ups_to_v32accfloat(v32bfloat16 a) { return ::aie::accum<accfloat, 32>(::aie::detail::of_native<T>(a)); }
__AIE_OF(bfloat16) inline v32bfloat16 to_v32bfloat16(v32accfloat a) { return ::aie::accum<accfloat, 32>(a).template to_vector<T>(); }
__AIE_OF(bfloat16) inline v16accfloat ups(v16bfloat16 a) { return ups_to_v16accfloat(a); }
// rounded down whatever the mode: floor(a * 2^shift)
__AIE_OF(int32_t) inline v16int32 bfloat16_to_int(v16bfloat16 a, int shift) { return ::aie::to_fixed<T>(::aie::detail::of_native<bfloat16>(a), shift); }
__AIE_OF(int8_t) inline v32int16 unpack(v32int8 a) { return ::aie::detail::of_native<T>(a).unpack(); }
__AIE_OF(uint8_t) inline v32uint16 unpack(v32uint8 a) { return ::aie::detail::of_native<T>(a).unpack(); }
__AIE_OF(int16_t) inline v32int8 pack(v32int16 a) { return ::aie::detail::of_native<T>(a).pack(); }
__AIE_OF(uint16_t) inline v32uint8 pack(v32uint16 a) { return ::aie::detail::of_native<T>(a).pack(); }
#define __AIE_ACCUMULATORS(A, TAG, N) \
  __AIE_OF(TAG) inline A add(A a, A b) { return ::aie::add(::aie::accum<T, N>(a), ::aie::accum<T, N>(b)); } \
  __AIE_OF(TAG) inline A sub(A a, A b) { return ::aie::sub(::aie::accum<T, N>(a), ::aie::accum<T, N>(b)); } \
  __AIE_OF(TAG) inline A neg(A a) { return ::aie::neg(::aie::accum<T, N>(a)); } \
  __AIE_OF(TAG) inline A broadcast_zero_to_##A() { return ::aie::zeros<T, N>(); }
__AIE_ACCUMULATORS(v32acc32, acc32, 32)
__AIE_ACCUMULATORS(v16acc64, acc64, 16)
__AIE_ACCUMULATORS(v8acc64, acc64, 8)
__AIE_ACCUMULATORS(v16accfloat, accfloat, 16)
__AIE_OF(float) inline v16accfloat broadcast_to_v16accfloat(float x) { return ::aie::broadcast<T, 16>(x); }

// products lane by lane
#define __AIE_PRODUCTS(NAME, A, TAG, V, TYPE, N) \
  __AIE_OF(TYPE) inline A mul_##NAME(V a, V b) { return ::aie::mul<TAG>(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline A negmul_##NAME(V a, V b) { return ::aie::negmul<TAG>(::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline A mac_##NAME(V a, V b, A c) { return ::aie::mac(::aie::accum<TAG, N>(c), ::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); } \
  __AIE_OF(TYPE) inline A msc_##NAME(V a, V b, A c) { return ::aie::msc(::aie::accum<TAG, N>(c), ::aie::detail::of_native<T>(a), ::aie::detail::of_native<T>(b)); }
__AIE_PRODUCTS(elem_16, v16acc64, acc64, v16int32, int32_t, 16)
__AIE_PRODUCTS(elem_16, v16accfloat, accfloat, v16float, float, 16)
