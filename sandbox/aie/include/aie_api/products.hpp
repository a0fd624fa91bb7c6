// Products of native registers: a sum of products into each lane of an accumulator, by the names of the instructions.
#pragma once
#include "intrinsics.hpp"

namespace aie::detail {
inline __aie_v32 joined(__aie_v16 lo, __aie_v16 hi) {
  return __builtin_shufflevector(lo, hi, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}
// lanes of L bits of an accumulator
template <unsigned L> inline __aie_v32 acc_negated(__aie_v32 a) {
  if constexpr (L == 32) return joined(__aie_vaccneg_a32(low(a)), __aie_vaccneg_a32(high(a)));
  else return joined(__aie_vaccneg_a64(low(a)), __aie_vaccneg_a64(high(a)));
}
template <unsigned L> inline __aie_v32 acc_added(__aie_v32 a, __aie_v32 b) {
  if constexpr (L == 32) return joined(__aie_vaccadd_a32(low(a), low(b)), __aie_vaccadd_a32(high(a), high(b)));
  else return joined(__aie_vaccadd_a64(low(a), low(b)), __aie_vaccadd_a64(high(a), high(b)));
}
// what the arguments of a product ending in _conf do to its accumulator before: zero, shifted left by 16 bits, negated
template <unsigned L> inline __aie_v32 acc_configured(__aie_v32 a, bool zero, bool shift16, bool negate) {
  if (zero) a = joined(__aie_vaccclr(), __aie_vaccclr());
  if (shift16) {
    typedef std::conditional_t<L == 32, int32_t, int64_t> lane;
    a = __builtin_bit_cast(__aie_v32, __builtin_bit_cast(typename native_vector<lane, 1024 / L>::type, a) << 16);
  }
  return negate ? acc_negated<L>(a) : a;
}
// P: mul, negmul, mac and msc of registers x and y of signs sx and sy
#define __AIE_OPERATION(NAME, L, MUL, NEGMUL, MAC, MSC)                                                              \
  struct product_##NAME {                                                                                           \
    static constexpr unsigned lane = L;                                                                              \
    static __aie_v32 mul(__aie_v16 x, __aie_v16 y, int sx, int sy) { return MUL; }                                    \
    static __aie_v32 mac(__aie_v32 c, __aie_v16 x, __aie_v16 y, int sx, int sy) { __aie_v16 lo = low(c), hi = high(c); return MAC; } \
    static __aie_v32 negmul(__aie_v16 x, __aie_v16 y, int sx, int sy) { return NEGMUL; }                              \
    static __aie_v32 msc(__aie_v32 c, __aie_v16 x, __aie_v16 y, int sx, int sy) { __aie_v16 lo = low(c), hi = high(c); (void)lo, (void)hi; return MSC; } \
  };
#define __AIE_LANES(NAME, L, OP) \
  __AIE_OPERATION(NAME, L, __aie_vmul_##OP(x, y, sx, sy), __aie_vnegmul_##OP(x, y, sx, sy), __aie_vmac_##OP(lo, hi, x, y, sx, sy), __aie_vmsc_##OP(lo, hi, x, y, sx, sy))
// matrices have no operation that subtracts
#define __AIE_SUMS(NAME, L, MUL, MAC) __AIE_OPERATION(NAME, L, MUL, acc_negated<L>(mul(x, y, sx, sy)), MAC, acc_negated<L>(mac(acc_negated<L>(c), x, y, sx, sy)))
#define __AIE_MATRIX_OF(NAME, L, OP) __AIE_SUMS(NAME, L, __aie_vmmul_##OP(x, y, sx, sy), __aie_vmmac_##OP(lo, hi, x, y, sx, sy))
#define __AIE_CONVOLUTION(NAME, L, OP) __AIE_SUMS(NAME, L, __aie_vconvolve_##OP(__aie_vaccclr(), __aie_vaccclr(), x, y, sx, sy), __aie_vconvolve_##OP(lo, hi, x, y, sx, sy))
__AIE_OPERATION(elem_32, 32, __aie_vmul_i16(x, y, 0, sx, sy), __aie_vnegmul_i16(x, y, 0, sx, sy), __aie_vmac_i16(lo, hi, x, y, 0, sx, sy), __aie_vmsc_i16(lo, hi, x, y, 0, sx, sy))
__AIE_LANES(elem_32_2, 32, i8x2)
__AIE_LANES(elem_16_2, 64, i16x2_a64)
__AIE_MATRIX_OF(4x8_8x8, 32, i8_4x8x8)
__AIE_MATRIX_OF(4x4_4x8, 32, i16xi8_4x4x8)
__AIE_MATRIX_OF(4x8_8x4, 64, i16xi8_4x8x4)
__AIE_MATRIX_OF(2x8_8x8, 64, i16xi8_2x8x8)
__AIE_MATRIX_OF(4x2_2x8, 32, i16_4x2x8)
__AIE_MATRIX_OF(4x4_4x4, 64, i16_4x4x4)
__AIE_MATRIX_OF(2x4_4x8, 64, i16_2x4x8)
__AIE_MATRIX_OF(4x2_2x4, 64, i32xi16_4x2x4)
__AIE_CONVOLUTION(conv_32x8, 32, i8)
__AIE_CONVOLUTION(conv_16x4, 64, i16_a64)
template <class P> inline __aie_v32 either(bool subtract, __aie_v32 c, __aie_v16 x, __aie_v16 y, int sx, int sy) { return subtract ? P::msc(c, x, y, sx, sy) : P::mac(c, x, y, sx, sy); }
}  // namespace aie::detail

// One form of a product: with signs of the operands as arguments, and with those of their types. DECLARED and NAMED are what
// comes after the operands, in brackets and beginning with a comma.
#define __AIE_BARE(...) __VA_ARGS__
#define __AIE_FORM(FUNCTION, NAME, A, VA, TA, VB, TB, RESULT, DECLARED, NAMED)                                          \
  __AIE_OF(TA) inline A FUNCTION(VA a, int sx, VB b, int sy __AIE_BARE DECLARED) {                                      \
    using namespace ::aie::detail;                                                                                     \
    using P = product_##NAME;                                                                                          \
    auto x = register_of(a), y = register_of(b);                                                                       \
    return __builtin_bit_cast(A, RESULT);                                                                              \
  }                                                                                                                    \
  __AIE_OF(TA) inline A FUNCTION(VA a, VB b __AIE_BARE DECLARED) { return FUNCTION<T>(a, ::aie::detail::is_signed<T>, b, ::aie::detail::is_signed<TB> __AIE_BARE NAMED); }
#define __AIE_FORMS(NAME, A, VA, TA, VB, TB)                                                                            \
  __AIE_FORM(mul_##NAME, NAME, A, VA, TA, VB, TB, (P::mul(x, y, sx, sy)), (), ())                                       \
  __AIE_FORM(negmul_##NAME, NAME, A, VA, TA, VB, TB, (P::negmul(x, y, sx, sy)), (), ())                                 \
  __AIE_FORM(mac_##NAME, NAME, A, VA, TA, VB, TB, (P::mac(__builtin_bit_cast(__aie_v32, c), x, y, sx, sy)), (, A c), (, c)) \
  __AIE_FORM(msc_##NAME, NAME, A, VA, TA, VB, TB, (P::msc(__builtin_bit_cast(__aie_v32, c), x, y, sx, sy)), (, A c), (, c)) \
  __AIE_FORM(addmac_##NAME, NAME, A, VA, TA, VB, TB, (acc_added<P::lane>(P::mac(__builtin_bit_cast(__aie_v32, c), x, y, sx, sy), __builtin_bit_cast(__aie_v32, d))), (, A c, A d), (, c, d)) \
  __AIE_FORM(addmsc_##NAME, NAME, A, VA, TA, VB, TB, (acc_added<P::lane>(P::msc(__builtin_bit_cast(__aie_v32, c), x, y, sx, sy), __builtin_bit_cast(__aie_v32, d))), (, A c, A d), (, c, d)) \
  __AIE_FORM(mul_##NAME##_conf, NAME, A, VA, TA, VB, TB, (sub_mul ? P::negmul(x, y, sx, sy) : P::mul(x, y, sx, sy)), (, int sub_mul), (, sub_mul)) \
  __AIE_FORM(negmul_##NAME##_conf, NAME, A, VA, TA, VB, TB, (sub_mul ? P::mul(x, y, sx, sy) : P::negmul(x, y, sx, sy)), (, int sub_mul), (, sub_mul)) \
  __AIE_FORM(mac_##NAME##_conf, NAME, A, VA, TA, VB, TB, (either<P>(sub_mul, acc_configured<P::lane>(__builtin_bit_cast(__aie_v32, c), zero_acc, shift16, sub_acc), x, y, sx, sy)), \
             (, A c, int zero_acc, int shift16, int sub_mul, int sub_acc), (, c, zero_acc, shift16, sub_mul, sub_acc))  \
  __AIE_FORM(msc_##NAME##_conf, NAME, A, VA, TA, VB, TB, (either<P>(!sub_mul, acc_configured<P::lane>(__builtin_bit_cast(__aie_v32, c), zero_acc, shift16, sub_acc), x, y, sx, sy)), \
             (, A c, int zero_acc, int shift16, int sub_mul, int sub_acc), (, c, zero_acc, shift16, sub_mul, sub_acc))
// operands of either sign
#define __AIE_ALL_SIGNS(NAME, A, VS, TS, VU, TU, WS, SS, WU, SU) \
  __AIE_FORMS(NAME, A, VS, TS, WS, SS) __AIE_FORMS(NAME, A, VS, TS, WU, SU) __AIE_FORMS(NAME, A, VU, TU, WS, SS) __AIE_FORMS(NAME, A, VU, TU, WU, SU)
#define __AIE_8 v64int8, int8_t, v64uint8, uint8_t
#define __AIE_16 v32int16, int16_t, v32uint16, uint16_t
#define __AIE_32 v16int32, int32_t, v16uint32, uint32_t
#define __AIE_PRODUCT(NAME, A, X, Y) __AIE_ALL_SIGNS(NAME, A, X, Y)
__AIE_PRODUCT(elem_32, v32acc32, __AIE_16, __AIE_16)
__AIE_PRODUCT(elem_32_2, v32acc32, __AIE_8, __AIE_8)
__AIE_PRODUCT(elem_16_2, v16acc64, __AIE_16, __AIE_16)
__AIE_PRODUCT(4x8_8x8, v32acc32, __AIE_8, __AIE_8)
__AIE_PRODUCT(4x4_4x8, v32acc32, __AIE_16, __AIE_8)
__AIE_PRODUCT(4x8_8x4, v16acc64, __AIE_16, __AIE_8)
__AIE_PRODUCT(2x8_8x8, v16acc64, __AIE_16, __AIE_8)
__AIE_PRODUCT(4x2_2x8, v32acc32, __AIE_16, __AIE_16)
__AIE_PRODUCT(4x4_4x4, v16acc64, __AIE_16, __AIE_16)
__AIE_PRODUCT(2x4_4x8, v16acc64, __AIE_16, __AIE_16)
__AIE_PRODUCT(4x2_2x4, v16acc64, __AIE_32, __AIE_16)
__AIE_PRODUCT(conv_32x8, v32acc32, __AIE_8, __AIE_8)
__AIE_PRODUCT(conv_16x4, v16acc64, __AIE_16, __AIE_16)

// of bfloat16, into 16 lanes
#define __AIE_FLOAT_FORMS(NAME)                                                                                    \
  __AIE_OF(bfloat16) inline v16accfloat addmac_##NAME(v32bfloat16 a, v32bfloat16 b, v16accfloat c, v16accfloat d) { return add(mac_##NAME(a, b, c), d); } \
  __AIE_OF(bfloat16) inline v16accfloat addmsc_##NAME(v32bfloat16 a, v32bfloat16 b, v16accfloat c, v16accfloat d) { return add(msc_##NAME(a, b, c), d); } \
  __AIE_OF(bfloat16) inline v16accfloat mul_##NAME##_conf(v32bfloat16 a, v32bfloat16 b, int sub_mul) { return sub_mul ? negmul_##NAME(a, b) : mul_##NAME(a, b); } \
  __AIE_OF(bfloat16) inline v16accfloat mac_##NAME##_conf(v32bfloat16 a, v32bfloat16 b, v16accfloat c, int zero_acc, int sub_mul, int sub_acc) { \
    c = zero_acc ? broadcast_zero_to_v16accfloat() : c;                                                                 \
    c = sub_acc ? neg(c) : c;                                                                                           \
    return sub_mul ? msc_##NAME(a, b, c) : mac_##NAME(a, b, c);                                                          \
  }                                                                                                                    \
  __AIE_OF(bfloat16) inline v16accfloat msc_##NAME##_conf(v32bfloat16 a, v32bfloat16 b, v16accfloat c, int zero_acc, int sub_mul, int sub_acc) { return mac_##NAME##_conf(a, b, c, zero_acc, !sub_mul, sub_acc); }
__AIE_OF(bfloat16) inline v16accfloat mul_4x8_8x4(v32bfloat16 a, v32bfloat16 b) {
  using namespace ::aie::detail;
  return __builtin_bit_cast(v16accfloat, __aie_vmmul_bf16_4x8x4(register_of(a), register_of(b)));
}
__AIE_OF(bfloat16) inline v16accfloat mac_4x8_8x4(v32bfloat16 a, v32bfloat16 b, v16accfloat c) {
  using namespace ::aie::detail;
  return __builtin_bit_cast(v16accfloat, __aie_vmmac_bf16_4x8x4(register_of(c), register_of(a), register_of(b)));
}
__AIE_OF(bfloat16) inline v16accfloat negmul_4x8_8x4(v32bfloat16 a, v32bfloat16 b) { return neg(mul_4x8_8x4<T>(a, b)); }
__AIE_OF(bfloat16) inline v16accfloat msc_4x8_8x4(v32bfloat16 a, v32bfloat16 b, v16accfloat c) { return neg(mac_4x8_8x4<T>(a, b, neg(c))); }
__AIE_FLOAT_FORMS(elem_16_2)
__AIE_FLOAT_FORMS(4x8_8x4)
