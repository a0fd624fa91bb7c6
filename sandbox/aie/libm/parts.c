/* Exponent and significand of a number. */
#include "dd.h"

enum { NO_EXPONENT = -2147483647 - 1, INFINITE_EXPONENT = 2147483647 };

/* Rounds once: the product that may be subnormal is the last one. */
double scalbn(double x, int n) {
  if (n > 1023) {
    for (int i = 0; i < 2 && n > 1023; i++, n -= 1023) x *= 0x1p1023;
    if (n > 1023) n = 1023;
  } else if (n < -1022) {
    for (int i = 0; i < 2 && n < -1022; i++, n += 969) x *= 0x1p-969;
    if (n < -1022) n = -1022;
  }
  return x * power_of_two(n);
}

double ldexp(double x, int n) { return scalbn(x, n); }
double scalbln(double x, long n) { return scalbn(x, (int)n); }
float ldexpf(float x, int n) { return (float)scalbn(x, n); }
float scalbnf(float x, int n) { return (float)scalbn(x, n); }
float scalblnf(float x, long n) { return (float)scalbn(x, (int)n); }

/* x = 2^*exponent times the result, which lies in [1/2, 1) */
static double fraction(double x, int *exponent) {
  int e = 0;
  if (x == 0 || !is_finite(x)) {
    *exponent = 0;
    return x;
  }
  if (magnitude(x) < 0x1p-1022) {
    x *= 0x1p64;
    e = -64;
  }
  *exponent = exponent_field(x) - 1022 + e;
  return of_bits((bits_of(x) & ~(0x7ffull << 52)) | 0x3feull << 52);
}

double frexp(double x, int *exponent) {
  __kg_m_check_store(exponent, sizeof *exponent);
  return fraction(x, exponent);
}
float frexpf(float x, int *exponent) { return (float)frexp(x, exponent); }

int ilogb(double x) {
  if (x == 0 || x != x) return NO_EXPONENT;
  if (!is_finite(x)) return INFINITE_EXPONENT;
  int e;
  fraction(x, &e);
  return e - 1;
}
int ilogbf(float x) { return ilogb(x); }

double logb(double x) {
  if (x == 0) return -INF_;
  if (!is_finite(x)) return x * x;
  return ilogb(x);
}
float logbf(float x) { return (float)logb(x); }

double modf(double x, double *whole) {
  __kg_m_check_store(whole, sizeof *whole);
  double t = __builtin_trunc(x);
  *whole = t;
  return with_sign(is_finite(x) ? x - t : x != x ? x : 0, x);
}
float modff(float x, float *whole) {
  __kg_m_check_store(whole, sizeof *whole);
  float t = __builtin_truncf(x);
  *whole = t;
  return __builtin_copysignf(is_finite(x) ? x - t : x != x ? x : 0, x);
}

double nextafter(double x, double y) {
  if (x != x || y != y) return NAN_;
  if (x == y) return y;
  if (x == 0) return with_sign(0x1p-1074, y);
  return of_bits(bits_of(x) + ((x < y) == (x > 0) ? 1 : -1ull));
}
float nextafterf(float x, float y) {
  if (x != x || y != y) return __builtin_nanf("");
  if (x == y) return y;
  if (x == 0) return __builtin_copysignf(0x1p-149f, y);
  u32 bits = __builtin_bit_cast(u32, x) + ((x < y) == (x > 0) ? 1 : -1u);
  return __builtin_bit_cast(float, bits);
}
