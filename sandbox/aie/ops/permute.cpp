// Shuffles, byte shifts, subregisters, width changes.
#include "aie_api/machine.hpp"
#include "lanes.hpp"

#define MOVES(W, T)                                                                                \
  __AIE_OP __aie_v16 __aie_vshuffle_even_w##W(__aie_v16 a, __aie_v16 b, int n) { return picked<T>(a, b, n, [n](int i) { return 2 * i; }); } \
  __AIE_OP __aie_v16 __aie_vshuffle_odd_w##W(__aie_v16 a, __aie_v16 b, int n) { return picked<T>(a, b, n, [n](int i) { return 2 * i + 1; }); } \
  __AIE_OP __aie_v16 __aie_vshuffle_ziplo_w##W(__aie_v16 a, __aie_v16 b, int n) { return picked<T>(a, b, n, [n](int i) { return i / 2 + i % 2 * n; }); } \
  __AIE_OP __aie_v16 __aie_vshuffle_ziphi_w##W(__aie_v16 a, __aie_v16 b, int n) { return picked<T>(a, b, n, [n](int i) { return n / 2 + i / 2 + i % 2 * n; }); }
#define SHUFFLES(W, T)                                                                             \
  MOVES(W, T)                                                                                      \
  __AIE_OP __aie_v16 __aie_vshuffle_reverse_w##W(__aie_v16 a, int n) { return picked<T>(a, a, n, [n](int i) { return n - 1 - i; }); } \
  __AIE_OP __aie_v16 __aie_vshuffle_transpose_w##W(__aie_v16 a, __aie_v16 b, int rows, int columns, int half) { \
    constexpr int all = 64 / (int)sizeof(T);                                                       \
    auto x = as<T>(a), y = as<T>(b), r = x;                                                        \
    for (int i = 0; i < all; i++) {                                                                \
      int out = half * all + i;                                                                    \
      if (out >= rows * columns) continue;                                                         \
      int in = out % rows * columns + out / rows;                                                  \
      r[i] = in < all ? x[in] : y[in - all];                                                       \
    }                                                                                              \
    return (__aie_v16)r;                                                                           \
  }

// lane i of the result is lane from(i) of the n lanes of a followed by the n lanes of b
template <class T, class F> static inline __aie_v16 picked(__aie_v16 a, __aie_v16 b, int n, F from) {
  auto x = as<T>(a), y = as<T>(b), r = x;
  for (int i = 0; i < n; i++) {
    int j = from(i);
    r[i] = j < n ? x[j] : y[j - n];
  }
  return (__aie_v16)r;
}
SHUFFLES(8, signed char)
SHUFFLES(16, short)
SHUFFLES(32, int)
MOVES(64, long long)
// 128-bit lanes, each two lanes of 64 bits
template <class F> static inline __aie_v16 picked128(__aie_v16 a, __aie_v16 b, int n, F from) {
  return picked<long long>(a, b, 2 * n, [=](int i) { return 2 * from(i / 2) + i % 2; });
}
__AIE_OP __aie_v16 __aie_vshuffle_even_w128(__aie_v16 a, __aie_v16 b, int n) { return picked128(a, b, n, [](int i) { return 2 * i; }); }
__AIE_OP __aie_v16 __aie_vshuffle_odd_w128(__aie_v16 a, __aie_v16 b, int n) { return picked128(a, b, n, [](int i) { return 2 * i + 1; }); }
__AIE_OP __aie_v16 __aie_vshuffle_ziplo_w128(__aie_v16 a, __aie_v16 b, int n) { return picked128(a, b, n, [n](int i) { return i / 2 + i % 2 * n; }); }
__AIE_OP __aie_v16 __aie_vshuffle_ziphi_w128(__aie_v16 a, __aie_v16 b, int n) { return picked128(a, b, n, [n](int i) { return n / 2 + i / 2 + i % 2 * n; }); }

__AIE_OP __aie_v16 __aie_vshift(__aie_v16 a, __aie_v16 b, int bytes) {
  auto x = as<char>(a), y = as<char>(b), r = x;
  for (int i = 0; i < 64; i++) {
    int j = (i + bytes) & 127;
    r[i] = j < 64 ? x[j] : y[j - 64];
  }
  return (__aie_v16)r;
}
__AIE_OP __aie_v16 __aie_vget_q128(__aie_v16 a, int q) {
  auto x = as<int>(a), r = x;
  for (int i = 0; i < 4; i++) r[i] = x[(q & 3) * 4 + i];
  return (__aie_v16)r;
}
__AIE_OP __aie_v16 __aie_vset_q128(__aie_v16 a, __aie_v16 b, int q) {
  auto r = as<int>(a), y = as<int>(b);
  for (int i = 0; i < 4; i++) r[(q & 3) * 4 + i] = y[i];
  return (__aie_v16)r;
}
template <class W, class T> static inline __aie_v16 widened(__aie_v16 a, int half) {
  auto x = as<T>(a);
  lanes<W> r;
  for (int i = 0; i < 64 / (int)sizeof(W); i++) r[i] = x[half * (64 / (int)sizeof(W)) + i];
  return (__aie_v16)r;
}
__AIE_OP __aie_v16 __aie_vunpack_i16_i8(__aie_v16 a, int h) { return widened<short, signed char>(a, h); }
__AIE_OP __aie_v16 __aie_vunpack_u16_u8(__aie_v16 a, int h) { return widened<unsigned short, unsigned char>(a, h); }
__AIE_OP __aie_v16 __aie_vunpack_i32_i16(__aie_v16 a, int h) { return widened<int, short>(a, h); }
__AIE_OP __aie_v16 __aie_vunpack_u32_u16(__aie_v16 a, int h) { return widened<unsigned, unsigned short>(a, h); }
template <class N, class W> static inline __aie_v16 narrowed(__aie_v16 a, __aie_v16 b, int mode) {
  auto x = as<W>(a), y = as<W>(b);
  lanes<N> r;
  constexpr int n = 64 / (int)sizeof(W);
  for (int i = 0; i < n; i++) {
    r[i] = saturated<N>(x[i], mode);
    r[n + i] = saturated<N>(y[i], mode);
  }
  return (__aie_v16)r;
}
__AIE_OP __aie_v16 __aie_vpack_w8_w16(__aie_v16 a, __aie_v16 b, int mode, int is_signed) {
  return is_signed ? narrowed<signed char, short>(a, b, mode) : narrowed<unsigned char, unsigned short>(a, b, mode);
}
__AIE_OP __aie_v16 __aie_vpack_w16_w32(__aie_v16 a, __aie_v16 b, int mode, int is_signed) {
  return is_signed ? narrowed<short, int>(a, b, mode) : narrowed<unsigned short, unsigned>(a, b, mode);
}
