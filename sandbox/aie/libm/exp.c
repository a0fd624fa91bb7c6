/* Exponentials. x = k ln 2 + r with |r| <= ln(2) / 2 (Cody and Waite's two-part ln 2), then the
 * Taylor series of e^r (DLMF 4.2.19) to the 14th power. */
#include "dd.h"

static const double LN2_TOP = 0x1.62e42fefa2000p-1; /* 40 bits: its multiples by k are exact */
static const double LN2_REST = 0x1.9ef35793c7673p-41;
static const double PER_LN2 = 0x1.71547652b82fep+0;
static const dd LN10 = {0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53};
static const double LIMIT_UP = 710.0, LIMIT_DOWN = -746.0;

static dd expm1_reduced(dd r) {
  static const double c[] = {1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040,
                             1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
                             1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200};
  double x = r.hi, q = x * x * polynomial(x, c, 13);
  return quick_sum(x, q + r.lo * (1 + x));
}

static dd reduce(dd x, int *k) {
  double n = nearest(x.hi * PER_LN2);
  *k = (int)n;
  dd r = sum(x.hi - n * LN2_TOP, -(n * LN2_REST));
  return quick_sum(r.hi, r.lo + x.lo);
}

dd __kg_m_exp(dd x, int *k) {
  dd p = expm1_reduced(reduce(x, k)), one = sum(1, p.hi);
  return quick_sum(one.hi, one.lo + p.lo);
}

dd __kg_m_expm1(double x) {
  if (magnitude(x) < 0x1p-54) return make(x, 0);
  int k;
  dd p = expm1_reduced(reduce(make(x, 0), &k));
  if (k == 0) return p;
  double power = power_of_two(k);
  return add(sum(power, -1), scaled(p, power));
}

static double finish(dd x) {
  if (x.hi > LIMIT_UP) return INF_;
  if (x.hi < LIMIT_DOWN) return 0;
  int k;
  dd e = __kg_m_exp(x, &k);
  return scalbn(e.hi, k);
}

double exp(double x) { return x != x ? x : finish(make(x, 0)); }

double exp2(double x) {
  if (x != x) return x;
  if (x >= 1025) return INF_;
  if (x <= -1076) return 0;
  double k = nearest(x);
  dd p = expm1_reduced(times(LN2, x - k)), one = sum(1, p.hi);
  return scalbn(one.hi + (one.lo + p.lo), (int)k);
}

double exp10(double x) {
  if (x != x) return x;
  if (x > 310) return INF_;
  if (x < -330) return 0;
  if (magnitude(x) < 0x1p-60) return 1;
  return finish(times(LN10, x));
}

double expm1(double x) {
  if (x != x) return x;
  if (x > 45) return exp(x);
  if (x < -45) return -1;
  return __kg_m_expm1(x).hi;
}
