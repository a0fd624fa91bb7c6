// Lane-wise helpers of the operations' definitions.
#pragma once

template <class T> struct lanes_of { typedef T type __attribute__((vector_size(64))); };
template <class T> using lanes = typename lanes_of<T>::type;
template <class T> inline lanes<T> as(__aie_v16 a) { return (lanes<T>)a; }

template <class T> inline __aie_v16 fill(T x) {
  lanes<T> v;
  for (unsigned i = 0; i < 64 / sizeof(T); i++) v[i] = x;
  return (__aie_v16)v;
}
template <class T, class F> inline __aie_v16 map(__aie_v16 a, __aie_v16 b, F f) {
  auto x = as<T>(a), y = as<T>(b);
  for (unsigned i = 0; i < 64 / sizeof(T); i++) x[i] = (T)f(x[i], y[i]);
  return (__aie_v16)x;
}
template <class T, class F> inline __aie_mask test(__aie_v16 a, __aie_v16 b, F f) {
  auto x = as<T>(a), y = as<T>(b);
  __aie_mask m = 0;
  for (unsigned i = 0; i < 64 / sizeof(T); i++) m |= (__aie_mask)(f(x[i], y[i]) ? 1 : 0) << i;
  return m;
}
template <class T> inline constexpr unsigned long long low_bits = sizeof(T) == 8 ? ~0ull : (1ull << (8 * sizeof(T) % 64)) - 1;
template <class T> inline constexpr bool signed_lane = T(-1) < T(0);
template <class T> inline constexpr long long top = signed_lane<T> ? (long long)(low_bits<T> >> 1) : (long long)low_bits<T>;
template <class T> inline constexpr long long bottom = signed_lane<T> ? -top<T> - 1 : 0;
template <class T> inline long long clamped(long long x) { return x > top<T> ? top<T> : x < bottom<T> ? bottom<T> : x; }

// x / 2^n under a rounding mode (numbered as aie::rounding_mode); n <= 0 shifts left
inline long long rounded_shift(long long x, int n, int mode) {
  if (n <= 0) return (long long)((unsigned long long)x << -n);
  if (n > 62) n = 62;
  long long down = x >> n;  // towards minus infinity
  unsigned long long rest = (unsigned long long)x & ((1ull << n) - 1), half = 1ull << (n - 1);
  bool negative = x < 0, more = rest > half, tie = rest == half;
  switch (mode) {
    case 0: return down;                                          // floor
    case 1: return down + (rest != 0);                            // ceil
    case 2: return down + (negative && rest);                     // towards zero
    case 3: return down + (!negative && rest);                    // away from zero
    case 8: return down + more;                                   // nearest, ties to minus infinity
    case 9: return down + (more || tie);                          // nearest, ties to plus infinity
    case 10: return down + (more || (tie && negative));           // nearest, ties to zero
    case 11: return down + (more || (tie && !negative));          // nearest, ties away from zero
    case 12: return down + (more || (tie && (down & 1)));         // nearest, ties to even
    case 13: return down + (more || (tie && !(down & 1)));        // nearest, ties to odd
  }
  return down;
}
// saturation: 0 none (wraps), 1 saturate, 3 symmetric (the lowest value is -top)
template <class T> inline T saturated(long long x, int mode) {
  if (mode == 0) return (T)x;
  long long low = mode == 3 && signed_lane<T> ? -top<T> : bottom<T>;
  return (T)(x > top<T> ? top<T> : x < low ? low : x);
}

inline float float_of(unsigned bits) { return __builtin_bit_cast(float, bits); }
inline unsigned bits_of_float(float x) { return __builtin_bit_cast(unsigned, x); }
// the vector floating-point unit reads and writes subnormals as zero
inline float flushed(float x) {
  unsigned b = bits_of_float(x);
  return (b & 0x7f800000u) == 0 ? float_of(b & 0x80000000u) : x;
}
inline float of_bf16(short b) { return float_of((unsigned)(unsigned short)b << 16); }
inline short to_bf16(float x, int mode) {
  unsigned bits = bits_of_float(x);
  if (x != x) return (short)((bits >> 16) | 0x40);
  unsigned kept = bits >> 16, rest = bits & 0xffff;
  if ((kept & 0x7f80) == 0x7f80) return (short)kept;
  bool negative = bits >> 31, up = false;  // away from zero
  switch (mode) {
    case 0: up = negative && rest; break;
    case 1: up = !negative && rest; break;
    case 2: break;
    case 3: up = rest != 0; break;
    case 8: up = negative ? rest >= 0x8000 : rest > 0x8000; break;
    case 9: up = negative ? rest > 0x8000 : rest >= 0x8000; break;
    case 10: up = rest > 0x8000; break;
    case 11: up = rest >= 0x8000; break;
    case 12: up = rest > 0x8000 || (rest == 0x8000 && (kept & 1)); break;
    case 13: up = rest > 0x8000 || (rest == 0x8000 && !(kept & 1)); break;
  }
  return (short)(kept + up);
}
inline __aie_v32 joined(__aie_v16 a, __aie_v16 b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}
