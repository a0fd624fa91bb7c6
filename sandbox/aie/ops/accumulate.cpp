// Integer multiplication and accumulation, matrix multiplication, accumulator <-> vector.
#include "aie_api/machine.hpp"
#include "lanes.hpp"

static inline long long lane8(__aie_v16 a, int i, int s) { return s ? (long long)as<signed char>(a)[i] : as<unsigned char>(a)[i]; }
static inline long long lane16(__aie_v16 a, int i, int s) { return s ? (long long)as<short>(a)[i] : as<unsigned short>(a)[i]; }
static inline long long lane32(__aie_v16 a, int i, int s) { return s ? (long long)a[i] : (unsigned)a[i]; }

typedef long long v16x64 __attribute__((vector_size(128)));

template <class F> static inline __aie_v32 sums32(__aie_v16 lo, __aie_v16 hi, F product) {
  __aie_v32 r = joined(lo, hi);
  for (int i = 0; i < 32; i++) r[i] = (int)((unsigned)r[i] + (unsigned)product(i));
  return r;
}
template <class F> static inline __aie_v32 sums64(__aie_v16 lo, __aie_v16 hi, F product) {
  v16x64 r = (v16x64)joined(lo, hi);
  for (int i = 0; i < 16; i++) r[i] = (long long)((unsigned long long)r[i] + (unsigned long long)product(i));
  return (__aie_v32)r;
}
#define MULTIPLY(S, SUMS, LANES, LANE)                                                                                  \
  __AIE_OP __aie_v32 __aie_vmac_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int h, int sa, int sb) {       \
    return SUMS(lo, hi, [=](int i) { return LANE(a, h * LANES + i, sa) * LANE(b, h * LANES + i, sb); });                 \
  }                                                                                                                     \
  __AIE_OP __aie_v32 __aie_vmsc_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int h, int sa, int sb) {       \
    return SUMS(lo, hi, [=](int i) { return -(LANE(a, h * LANES + i, sa) * LANE(b, h * LANES + i, sb)); });              \
  }                                                                                                                     \
  __AIE_OP __aie_v32 __aie_vmul_##S(__aie_v16 a, __aie_v16 b, int h, int sa, int sb) {                                   \
    return SUMS(__aie_v16{}, __aie_v16{}, [=](int i) { return LANE(a, h * LANES + i, sa) * LANE(b, h * LANES + i, sb); }); \
  }                                                                                                                     \
  __AIE_OP __aie_v32 __aie_vnegmul_##S(__aie_v16 a, __aie_v16 b, int h, int sa, int sb) {                                \
    return SUMS(__aie_v16{}, __aie_v16{}, [=](int i) { return -(LANE(a, h * LANES + i, sa) * LANE(b, h * LANES + i, sb)); }); \
  }
MULTIPLY(i8, sums32, 32, lane8)
MULTIPLY(i16, sums32, 32, lane16)
MULTIPLY(i16_a64, sums64, 16, lane16)
MULTIPLY(i32, sums64, 16, lane32)
#define PAIRS(S, SUMS, LANES, LANE)                                                                                        \
  static inline long long pair_##S(__aie_v16 a, __aie_v16 b, int i, int sa, int sb) {                                        \
    return LANE(a, i, sa) * LANE(b, i, sb) + LANE(a, LANES + i, sa) * LANE(b, LANES + i, sb);                               \
  }                                                                                                                        \
  __AIE_OP __aie_v32 __aie_vmac_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int sa, int sb) {                  \
    return SUMS(lo, hi, [=](int i) { return pair_##S(a, b, i, sa, sb); });                                                   \
  }                                                                                                                        \
  __AIE_OP __aie_v32 __aie_vmsc_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int sa, int sb) {                  \
    return SUMS(lo, hi, [=](int i) { return -pair_##S(a, b, i, sa, sb); });                                                  \
  }                                                                                                                        \
  __AIE_OP __aie_v32 __aie_vmul_##S(__aie_v16 a, __aie_v16 b, int sa, int sb) { return __aie_vmac_##S(__aie_v16{}, __aie_v16{}, a, b, sa, sb); } \
  __AIE_OP __aie_v32 __aie_vnegmul_##S(__aie_v16 a, __aie_v16 b, int sa, int sb) { return __aie_vmsc_##S(__aie_v16{}, __aie_v16{}, a, b, sa, sb); }
PAIRS(i8x2, sums32, 32, lane8)
PAIRS(i16x2_a64, sums64, 16, lane16)
// a: 16 lanes of 32 bits; b: half h of its 32 lanes of 16 bits
static inline long long product32x16(__aie_v16 a, __aie_v16 b, int i, int h, int sa, int sb) { return lane32(a, i, sa) * lane16(b, h * 16 + i, sb); }
__AIE_OP __aie_v32 __aie_vmac_i32xi16(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int h, int sa, int sb) {
  return sums64(lo, hi, [=](int i) { return product32x16(a, b, i, h, sa, sb); });
}
__AIE_OP __aie_v32 __aie_vmsc_i32xi16(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int h, int sa, int sb) {
  return sums64(lo, hi, [=](int i) { return -product32x16(a, b, i, h, sa, sb); });
}
__AIE_OP __aie_v32 __aie_vmul_i32xi16(__aie_v16 a, __aie_v16 b, int h, int sa, int sb) { return __aie_vmac_i32xi16(__aie_v16{}, __aie_v16{}, a, b, h, sa, sb); }
__AIE_OP __aie_v32 __aie_vnegmul_i32xi16(__aie_v16 a, __aie_v16 b, int h, int sa, int sb) { return __aie_vmsc_i32xi16(__aie_v16{}, __aie_v16{}, a, b, h, sa, sb); }

#define MATRIX(NAME, SUMS, M, K, N, LANE_A, LANE_B)                                                                  \
  __AIE_OP __aie_v32 __aie_vmmac_##NAME(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int sa, int sb) {       \
    return SUMS(lo, hi, [=](int i) {                                                                                 \
      if (i >= M * N) return 0ll;                                                                                    \
      unsigned long long s = 0;                                                                                      \
      for (int k = 0; k < K; k++) s += (unsigned long long)LANE_A(a, i / N * K + k, sa) * (unsigned long long)LANE_B(b, k * N + i % N, sb); \
      return (long long)s;                                                                                           \
    });                                                                                                              \
  }                                                                                                                  \
  __AIE_OP __aie_v32 __aie_vmmul_##NAME(__aie_v16 a, __aie_v16 b, int sa, int sb) {                                   \
    return __aie_vmmac_##NAME(__aie_v16{}, __aie_v16{}, a, b, sa, sb);                                               \
  }
MATRIX(i8_4x8x8, sums32, 4, 8, 8, lane8, lane8)
MATRIX(i16xi8_4x4x8, sums32, 4, 4, 8, lane16, lane8)
MATRIX(i16_4x2x8, sums32, 4, 2, 8, lane16, lane16)
MATRIX(i16_4x4x4, sums64, 4, 4, 4, lane16, lane16)
MATRIX(i16xi8_4x8x4, sums64, 4, 8, 4, lane16, lane8)
MATRIX(i16xi8_2x8x8, sums64, 2, 8, 8, lane16, lane8)
MATRIX(i16_2x4x8, sums64, 2, 4, 8, lane16, lane16)
MATRIX(i32xi16_4x2x4, sums64, 4, 2, 4, lane32, lane16)
MATRIX(i32xi16_4x4x4, sums64, 4, 4, 4, lane32, lane16)
MATRIX(i32xi16_2x4x8, sums64, 2, 4, 8, lane32, lane16)
MATRIX(i16xi32_4x4x4, sums64, 4, 4, 4, lane16, lane32)
MATRIX(i32_4x2x4, sums64, 4, 2, 4, lane32, lane32)
__AIE_OP __aie_v32 __aie_vmmac_i16xi32_2x4x8(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b0, __aie_v16 b1, int sa, int sb) {
  return sums64(lo, hi, [=](int i) {
    unsigned long long s = 0;
    for (int k = 0; k < 4; k++) s += (unsigned long long)lane16(a, i / 8 * 4 + k, sa) * (unsigned long long)lane32(k < 2 ? b0 : b1, k % 2 * 8 + i % 8, sb);
    return (long long)s;
  });
}
__AIE_OP __aie_v32 __aie_vmmul_i16xi32_2x4x8(__aie_v16 a, __aie_v16 b0, __aie_v16 b1, int sa, int sb) {
  return __aie_vmmac_i16xi32_2x4x8(__aie_v16{}, __aie_v16{}, a, b0, b1, sa, sb);
}

#define CONVOLUTION(NAME, SUMS, LANES, POINTS, LANE)                                                                        \
  __AIE_OP __aie_v32 __aie_vconvolve_##NAME(__aie_v16 lo, __aie_v16 hi, __aie_v16 d, __aie_v16 c, int sd, int sc) {    \
    return SUMS(lo, hi, [=](int i) {                                                                               \
      unsigned long long s = 0;                                                                                    \
      for (int p = 0; p < POINTS; p++) s += (unsigned long long)LANE(d, i % LANES + p, sd) * (unsigned long long)LANE(c, p, sc); \
      return (long long)s;                                                                                         \
    });                                                                                                            \
  }
CONVOLUTION(i8, sums32, 32, 8, lane8)
CONVOLUTION(i16, sums32, 16, 4, lane16)  // the upper half of the result is not read
CONVOLUTION(i16_a64, sums64, 16, 4, lane16)

__AIE_OP __aie_v16 __aie_vaccadd_a32(__aie_v16 a, __aie_v16 b) { return map<unsigned>(a, b, [](unsigned x, unsigned y) { return x + y; }); }
__AIE_OP __aie_v16 __aie_vaccsub_a32(__aie_v16 a, __aie_v16 b) { return map<unsigned>(a, b, [](unsigned x, unsigned y) { return x - y; }); }
__AIE_OP __aie_v16 __aie_vaccneg_a32(__aie_v16 a) { return map<unsigned>(a, a, [](unsigned x, unsigned) { return 0u - x; }); }
__AIE_OP __aie_v16 __aie_vaccadd_a64(__aie_v16 a, __aie_v16 b) { return map<unsigned long long>(a, b, [](auto x, auto y) { return x + y; }); }
__AIE_OP __aie_v16 __aie_vaccsub_a64(__aie_v16 a, __aie_v16 b) { return map<unsigned long long>(a, b, [](auto x, auto y) { return x - y; }); }
__AIE_OP __aie_v16 __aie_vaccneg_a64(__aie_v16 a) { return map<unsigned long long>(a, a, [](auto x, auto) { return 0ull - x; }); }
__AIE_OP __aie_v16 __aie_vaccclr() { return __aie_v16{}; }

// vector -> accumulator, shifted left; saturates to the accumulator's width where asked
template <class L> static inline int up32(L lane, int shift, int sat) { return saturated<int>((long long)((unsigned long long)lane << (shift & 31)), sat); }
__AIE_OP __aie_v32 __aie_vups_a32_i8(__aie_v16 a, int h, int s, int shift, int sat) {
  __aie_v32 r;
  for (int i = 0; i < 32; i++) r[i] = up32(lane8(a, h * 32 + i, s), shift, sat);
  return r;
}
__AIE_OP __aie_v32 __aie_vups_a32_i16(__aie_v16 a, int s, int shift, int sat) {
  __aie_v32 r;
  for (int i = 0; i < 32; i++) r[i] = up32(lane16(a, i, s), shift, sat);
  return r;
}
__AIE_OP __aie_v16 __aie_vups_a32_i32(__aie_v16 a, int s, int shift, int sat) {
  __aie_v16 r;
  for (int i = 0; i < 16; i++) r[i] = up32(lane32(a, i, s), shift, sat);
  return r;
}
static inline long long up64(long long lane, int shift, int sat) {
  long long up = (long long)((unsigned long long)lane << (shift & 63)), top = ~(1ll << 63), low = sat == 3 ? -top : ~top;
  if (sat == 0) return up;
  if (up >> (shift & 63) != lane) return lane < 0 ? low : top;
  return up < low ? low : up;
}
__AIE_OP __aie_v32 __aie_vups_a64_i16(__aie_v16 a, int h, int s, int shift, int sat) {
  v16x64 r;
  for (int i = 0; i < 16; i++) r[i] = up64(lane16(a, h * 16 + i, s), shift, sat);
  return (__aie_v32)r;
}
__AIE_OP __aie_v32 __aie_vups_a64_i32(__aie_v16 a, int s, int shift, int sat) {
  v16x64 r;
  for (int i = 0; i < 16; i++) r[i] = up64(lane32(a, i, s), shift, sat);
  return (__aie_v32)r;
}

// accumulator -> vector: shift right, round, saturate
#define SRS(S, T)                                                                                   \
  __AIE_OP __aie_v16 __aie_vsrs_##S##_a32(__aie_v16 lo, __aie_v16 hi, int shift, int rnd, int sat) { \
    lanes<T> r{};                                                                                   \
    constexpr int n = 64 / (int)sizeof(T) < 32 ? 64 / (int)sizeof(T) : 32;                           \
    for (int i = 0; i < n; i++) r[i] = saturated<T>(rounded_shift(i < 16 ? lo[i] : hi[i - 16], shift, rnd), sat); \
    return (__aie_v16)r;                                                                            \
  }                                                                                                 \
  __AIE_OP __aie_v16 __aie_vsrs_##S##_a64(__aie_v16 lo, __aie_v16 hi, int shift, int rnd, int sat) { \
    lanes<T> r{};                                                                                   \
    auto x = as<long long>(lo), y = as<long long>(hi);                                              \
    for (int i = 0; i < 16; i++) r[i] = saturated<T>(rounded_shift(i < 8 ? x[i] : y[i - 8], shift, rnd), sat); \
    return (__aie_v16)r;                                                                            \
  }
SRS(i8, signed char)
SRS(u8, unsigned char)
SRS(i16, short)
SRS(u16, unsigned short)
SRS(i32, int)
SRS(u32, unsigned)
