/* Exact remainders by long division of the significands, 11 bits at a time. */
#include "dd.h"

/* |x| = *m 2^e with *m < 2^53, for finite x */
static int unpack(double x, u64 *m) {
  int e = exponent_field(x);
  *m = bits_of(x) & 0xfffffffffffffull;
  if (e == 0) return -1074;
  *m |= 1ull << 52;
  return e - 1075;
}

/* |x| mod |y|; bit 0 of *quotient is the parity of the quotient. */
static double reduce(double x, double y, u32 *quotient) {
  u64 a, b;
  int i = unpack(x, &a), j = unpack(y, &b);
  *quotient = 0;
  if (i < j) { /* bring y to the exponent of x, or see that it is larger */
    if (j - i > 53 || b > (~0ull >> 11) >> (j - i)) return magnitude(x);
    b <<= j - i;
    j = i;
  }
  *quotient = (u32)(a / b);
  u64 r = a % b;
  for (int left = i - j; left > 0 && r;) {
    int step = left < 11 ? left : 11;
    r <<= step;
    *quotient = (u32)(r / b);
    r %= b;
    left -= step;
    if (r == 0 && left > 0) *quotient = 0;
  }
  return scalbn((double)r, j);
}

double fmod(double x, double y) {
  if (!is_finite(x) || y != y || y == 0) return NAN_;
  if (!is_finite(y)) return x;
  u32 quotient;
  return with_sign(reduce(x, y, &quotient), x);
}

static double nearest_remainder(double x, double y, int *quotient) {
  *quotient = 0;
  if (!is_finite(x) || y != y || y == 0) return NAN_;
  if (!is_finite(y)) return x;
  u32 q;
  double r = reduce(x, y, &q), b = magnitude(y), rest = b - r;
  if (r > rest || (r == rest && (q & 1))) { /* b - r is exact where it decides */
    r = -rest;
    q++;
  }
  *quotient = is_negative(x) == is_negative(y) ? (int)(q & 7) : -(int)(q & 7);
  r = is_negative(x) ? -r : r;
  return r == 0 ? with_sign(0, x) : r;
}

double remainder(double x, double y) {
  int quotient;
  return nearest_remainder(x, y, &quotient);
}

double remquo(double x, double y, int *quotient) {
  __kg_m_check_store(quotient, sizeof *quotient);
  return nearest_remainder(x, y, quotient);
}

float fmodf(float x, float y) { return (float)fmod(x, y); }
float remainderf(float x, float y) { return (float)remainder(x, y); }
float remquof(float x, float y, int *quotient) { return (float)remquo(x, y, quotient); }
