/* Powers: x^y = e^(y log x), the logarithm and the product in double-double. Special cases as in
 * C17 annex F.10.4.4. */
#include "dd.h"

double sqrt(double x) { return root(x); }

/* 0: y is no integer, 1: odd, 2: even */
static int parity(double y) {
  double a = magnitude(y);
  if (a >= 0x1p53) return 2;
  if (__builtin_trunc(a) != a) return 0;
  return (u64)a & 1 ? 1 : 2;
}

static double of_zero_or_infinity(double x, double y, int odd) {
  int large = (x == 0) == (y < 0);
  return with_sign(large ? INF_ : 0, odd ? x : 1);
}

static double positive_power(double x, double y) {
  dd l = __kg_m_log(make(x, 0));
  double about = y * l.hi;
  if (about > 710) return INF_;
  if (about < -746) return 0;
  if (magnitude(about) < 0x1p-60) return 1;
  int k;
  dd e = __kg_m_exp(times(l, y), &k);
  return scalbn(e.hi, k);
}

double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return NAN_;
  double a = magnitude(x);
  if (!is_finite(y)) return a == 1 ? 1 : (a > 1) == (y > 0) ? INF_ : 0;
  int kind = parity(y);
  if (a == 0 || a == INF_) return of_zero_or_infinity(x, y, kind == 1);
  if (x < 0 && kind == 0) return NAN_;
  if (y == 1) return x;
  double r = positive_power(a, y);
  return x < 0 && kind == 1 ? -r : r;
}

/* Halley's iteration on the mantissa, the last step with the residual in double-double. */
double cbrt(double x) {
  if (x == 0 || !is_finite(x)) return x;
  int shift = 0;
  double a = magnitude(x);
  if (a < 0x1p-1000) {
    a *= 0x1p108;
    shift = -36;
  }
  int e = exponent_field(a) - 1023, third = (e + 3000) / 3 - 1000;
  double m = of_bits((bits_of(a) & 0xfffffffffffffull) | 0x3ff0000000000000ull);
  m *= power_of_two(e - 3 * third); /* 1 <= m < 8 */
  double y = 0.8 + m * (0.3 - m * 0.018);
  for (int i = 0; i < 3; i++) {
    double cube = y * y * y;
    y = y * (cube + 2 * m) / (2 * cube + m);
  }
  dd cube = times(product(y, y), y);
  y += ((m - cube.hi) - cube.lo) / (3 * y * y);
  return with_sign(y * power_of_two(third + shift), x);
}

double hypot(double x, double y) {
  x = magnitude(x);
  y = magnitude(y);
  if (x == INF_ || y == INF_) return INF_;
  if (x != x || y != y) return NAN_;
  double big = x > y ? x : y, small = x > y ? y : x;
  if (small == 0 || small < big * 0x1p-60) return big + small;
  int k = big > 0x1p450 ? 600 : big < 0x1p-450 ? -700 : 0;
  big = scalbn(big, -k);
  small = scalbn(small, -k);
  return scalbn(square_root(add(product(big, big), product(small, small))).hi, k);
}
