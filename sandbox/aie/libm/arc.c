/* Inverse trigonometric functions, all from the angle of a point: the nearest multiple of 1/8 is
 * taken out by the addition theorem (DLMF 4.24.15), the rest is the series DLMF 4.24.3. */
#include "dd.h"

/* atan(k / 8) */
static const dd ATAN[] = {
    {0x0.0p+0, 0x0.0p+0},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

dd __kg_m_angle(dd y, dd x) {
  static const double c[] = {-1.0 / 3,  1.0 / 5,  -1.0 / 7,  1.0 / 9,
                             -1.0 / 11, 1.0 / 13, -1.0 / 15, 1.0 / 17};
  int steep = y.hi > x.hi;
  if (steep) {
    dd t = y;
    y = x;
    x = t;
  }
  int k = (int)nearest(8 * (y.hi / x.hi));
  dd t;
  if (k == 0) {
    t = divide(y, x);
  } else {
    double at = k * 0.125;
    t = divide(add(y, times(x, -at)), add(x, times(y, at)));
  }
  double z = t.hi * t.hi;
  dd angle = quick_sum(t.hi, t.lo + t.hi * z * polynomial(z, c, 8));
  angle = k ? add(ATAN[k], angle) : angle;
  return steep ? add(HALF_PI, negate(angle)) : angle;
}

double atan(double x) {
  double a = magnitude(x);
  if (x != x || a < 0x1p-27) return x;
  if (a > 0x1p60) return with_sign(HALF_PI.hi, x);
  return with_sign(__kg_m_angle(make(a, 0), make(1, 0)).hi, x);
}

/* sqrt(1 - x^2) */
static dd leg(double x) { return square_root(multiply(sum(1, -x), sum(1, x))); }

double asin(double x) {
  double a = magnitude(x);
  if (!(a <= 1)) return NAN_;
  if (a < 0x1p-27) return x;
  return with_sign(__kg_m_angle(make(a, 0), leg(a)).hi, x);
}

double acos(double x) {
  double a = magnitude(x);
  if (!(a <= 1)) return NAN_;
  if (a < 0x1p-60) return HALF_PI.hi;
  dd angle = __kg_m_angle(leg(a), make(a, 0));
  return x < 0 ? add(PI, negate(angle)).hi : angle.hi;
}

/* 2^k y with y in [1, 2) for finite a > 0 */
static double normal(double a, int *k) {
  int e = 0;
  if (a < 0x1p-1022) {
    a *= 0x1p64;
    e = -64;
  }
  *k = exponent_field(a) - 1023 + e;
  return of_bits((bits_of(a) & 0xfffffffffffffull) | 0x3ff0000000000000ull);
}

static double axis_angle(double y, double x) {
  if (y == 0) return is_negative(x) ? PI.hi : 0;
  if (x == 0) return HALF_PI.hi;
  if (magnitude(x) == INF_ && y == INF_) return x > 0 ? HALF_PI.hi / 2 : 0x1.2d97c7f3321d2p+1;
  if (y == INF_) return HALF_PI.hi;
  return x > 0 ? 0 : PI.hi;
}

double atan2(double y, double x) {
  if (x != x || y != y) return NAN_;
  double a = magnitude(x), b = magnitude(y);
  if (a == 0 || b == 0 || a == INF_ || b == INF_) return with_sign(axis_angle(b, x), y);
  int i, j;
  double m = normal(a, &i), n = normal(b, &j);
  if (j - i > 64) return with_sign(HALF_PI.hi, y);
  if (j - i < -64) return with_sign(x > 0 ? b / a : PI.hi, y);
  dd angle = __kg_m_angle(make(n * power_of_two(j - i), 0), make(m, 0));
  if (x < 0) angle = add(PI, negate(angle));
  return with_sign(angle.hi, y);
}
