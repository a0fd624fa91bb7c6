// bfloat16 and float32 lanes. Products of bfloat16 are exact in float32; sums round to nearest even.
#include "aie_api/machine.hpp"
#include "lanes.hpp"

static inline float lane(__aie_v16 a, int i) { return flushed(float_of((unsigned)a[i])); }
static inline float lane_bf16(__aie_v16 a, int i) { return flushed(of_bf16(as<short>(a)[i])); }
template <class F> static inline __aie_v16 each_float(F f) {
  __aie_v16 r;
  for (int i = 0; i < 16; i++) r[i] = (int)bits_of_float(flushed(f(i)));
  return r;
}

__AIE_OP __aie_v16 __aie_vaccadd_f32(__aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return lane(a, i) + lane(b, i); }); }
__AIE_OP __aie_v16 __aie_vaccsub_f32(__aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return lane(a, i) - lane(b, i); }); }
__AIE_OP __aie_v16 __aie_vaccneg_f32(__aie_v16 a) { return each_float([&](int i) { return -lane(a, i); }); }
__AIE_OP __aie_v16 __aie_vmul_f32(__aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return lane(a, i) * lane(b, i); }); }
__AIE_OP __aie_v16 __aie_vnegmul_f32(__aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return -(lane(a, i) * lane(b, i)); }); }
__AIE_OP __aie_v16 __aie_vmac_f32(__aie_v16 c, __aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return lane(c, i) + flushed(lane(a, i) * lane(b, i)); }); }
__AIE_OP __aie_v16 __aie_vmsc_f32(__aie_v16 c, __aie_v16 a, __aie_v16 b) { return each_float([&](int i) { return lane(c, i) - flushed(lane(a, i) * lane(b, i)); }); }
__AIE_OP __aie_v16 __aie_vmul_bf16(__aie_v16 a, __aie_v16 b, int h) { return each_float([&](int i) { return lane_bf16(a, h * 16 + i) * lane_bf16(b, h * 16 + i); }); }
__AIE_OP __aie_v16 __aie_vnegmul_bf16(__aie_v16 a, __aie_v16 b, int h) { return each_float([&](int i) { return -(lane_bf16(a, h * 16 + i) * lane_bf16(b, h * 16 + i)); }); }
__AIE_OP __aie_v16 __aie_vmac_bf16(__aie_v16 c, __aie_v16 a, __aie_v16 b, int h) { return each_float([&](int i) { return lane(c, i) + flushed(lane_bf16(a, h * 16 + i) * lane_bf16(b, h * 16 + i)); }); }
__AIE_OP __aie_v16 __aie_vmsc_bf16(__aie_v16 c, __aie_v16 a, __aie_v16 b, int h) { return each_float([&](int i) { return lane(c, i) - flushed(lane_bf16(a, h * 16 + i) * lane_bf16(b, h * 16 + i)); }); }
__AIE_OP __aie_v16 __aie_vmmac_bf16_4x8x4(__aie_v16 c, __aie_v16 a, __aie_v16 b) {
  return each_float([&](int i) {
    float s = lane(c, i);
    for (int k = 0; k < 8; k++) s = flushed(s + flushed(lane_bf16(a, i / 4 * 8 + k) * lane_bf16(b, k * 4 + i % 4)));
    return s;
  });
}
__AIE_OP __aie_v16 __aie_vmac_bf16x2(__aie_v16 c, __aie_v16 a, __aie_v16 b) { return __aie_vmac_bf16(__aie_vmac_bf16(c, a, b, 0), a, b, 1); }
__AIE_OP __aie_v16 __aie_vmsc_bf16x2(__aie_v16 c, __aie_v16 a, __aie_v16 b) { return __aie_vmsc_bf16(__aie_vmsc_bf16(c, a, b, 0), a, b, 1); }
__AIE_OP __aie_v16 __aie_vnegmul_bf16x2(__aie_v16 a, __aie_v16 b) { return __aie_vmsc_bf16(__aie_vnegmul_bf16(a, b, 0), a, b, 1); }
__AIE_OP __aie_v16 __aie_vmul_bf16x2(__aie_v16 a, __aie_v16 b) { return __aie_vmac_bf16(__aie_vmul_bf16(a, b, 0), a, b, 1); }
__AIE_OP __aie_v16 __aie_vmmac_f32_4x8x4(__aie_v16 c, __aie_v16 a0, __aie_v16 a1, __aie_v16 b0, __aie_v16 b1) {
  return each_float([&](int i) {
    float s = lane(c, i);
    for (int k = 0; k < 8; k++) s = flushed(s + flushed(lane(i < 8 ? a0 : a1, i / 4 % 2 * 8 + k) * lane(k < 4 ? b0 : b1, k % 4 * 4 + i % 4)));
    return s;
  });
}
__AIE_OP __aie_v16 __aie_vmmul_f32_4x8x4(__aie_v16 a0, __aie_v16 a1, __aie_v16 b0, __aie_v16 b1) { return __aie_vmmac_f32_4x8x4(__aie_v16{}, a0, a1, b0, b1); }
__AIE_OP __aie_v16 __aie_vmmul_bf16_4x8x4(__aie_v16 a, __aie_v16 b) { return __aie_vmmac_bf16_4x8x4(__aie_v16{}, a, b); }

// Comparisons order by value, with no case for NaN: a comparison with NaN is false, and max and min
// return the second operand where either is NaN.
#define FLOATING(S, T, VALUE)                                                                              \
  __AIE_OP __aie_v16 __aie_vmax_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](T x, T y) { return VALUE(x) > VALUE(y) ? x : y; }); } \
  __AIE_OP __aie_v16 __aie_vmin_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](T x, T y) { return VALUE(x) < VALUE(y) ? x : y; }); } \
  __AIE_OP __aie_mask __aie_vlt_##S(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](T x, T y) { return VALUE(x) < VALUE(y); }); } \
  __AIE_OP __aie_mask __aie_vge_##S(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](T x, T y) { return VALUE(x) >= VALUE(y); }); } \
  __AIE_OP __aie_mask __aie_veq_##S(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](T x, T y) { return VALUE(x) == VALUE(y); }); }
#define OF_F32(x) float_of((unsigned)(x))
FLOATING(bf16, short, of_bf16)
FLOATING(f32, int, OF_F32)
__AIE_OP __aie_v16 __aie_vabs_bf16(__aie_v16 a) { return map<short>(a, a, [](short x, short) { return x & 0x7fff; }); }
__AIE_OP __aie_v16 __aie_vneg_bf16(__aie_v16 a) { return map<short>(a, a, [](short x, short) { return x ^ -32768; }); }
__AIE_OP __aie_v16 __aie_vabs_f32(__aie_v16 a) { return map<int>(a, a, [](int x, int) { return x & 0x7fffffff; }); }
__AIE_OP __aie_v16 __aie_vneg_f32(__aie_v16 a) { return map<unsigned>(a, a, [](unsigned x, unsigned) { return x ^ 0x80000000u; }); }

__AIE_OP __aie_v16 __aie_vconv_f32_bf16(__aie_v16 a, int h) { return each_float([&](int i) { return of_bf16(as<short>(a)[h * 16 + i]); }); }
__AIE_OP __aie_v16 __aie_vconv_bf16_f32(__aie_v16 lo, __aie_v16 hi, int rnd) {
  lanes<short> r;
  for (int i = 0; i < 16; i++) {
    r[i] = to_bf16(lane(lo, i), rnd);
    r[16 + i] = to_bf16(lane(hi, i), rnd);
  }
  return (__aie_v16)r;
}
static inline float scaled(float x, int n) {
  for (; n > 0; n--) x *= 2.0f;
  for (; n < 0; n++) x *= 0.5f;
  return x;
}
__AIE_OP __aie_v16 __aie_vconv_f32_i32(__aie_v16 a, int s, int shift) {
  return each_float([&](int i) { return scaled(s ? (float)a[i] : (float)(unsigned)a[i], -shift); });
}
// x * 2^shift as an integer of 64 bits and whether anything was cut off below it; far outside 32
// bits the value only has to stay there
static inline long long fixed_floor(float x, int shift, bool &tie, bool &above) {
  double y = x != x ? 0.0 : (double)scaled(x, shift);
  y = y > 1.0e12 ? 1.0e12 : y < -1.0e12 ? -1.0e12 : y;
  double down = __builtin_floor(y), rest = y - down;
  tie = rest == 0.5;
  above = rest > 0.5;
  return (long long)down;
}
__AIE_OP __aie_v16 __aie_vconv_i32_f32(__aie_v16 a, int is_signed, int shift) {
  __aie_v16 r;
  for (int i = 0; i < 16; i++) {
    bool tie, above;
    long long n = fixed_floor(lane(a, i), shift, tie, above);
    n += above || (tie && (n & 1));
    r[i] = is_signed ? saturated<int>(n, 1) : (int)saturated<unsigned>(n, 1);
  }
  return r;
}
__AIE_OP __aie_v16 __aie_vfloor_i32_bf16(__aie_v16 a, int h, int shift) {
  __aie_v16 r;
  for (int i = 0; i < 16; i++) {
    bool tie, above;
    r[i] = saturated<int>(fixed_floor(lane_bf16(a, h * 16 + i), shift, tie, above), 1);
  }
  return r;
}
// Exact quotient and root, rounded once.
__AIE_OP int __aie_inv_f32(int bits) { return (int)bits_of_float(flushed(1.0f / flushed(float_of((unsigned)bits)))); }
__AIE_OP int __aie_invsqrt_f32(int bits) { return (int)bits_of_float(flushed((float)(1.0 / __builtin_sqrt((double)flushed(float_of((unsigned)bits)))))); }
extern "C" void __aie_event(int) {}
