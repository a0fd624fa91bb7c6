/* Logarithms. x = 2^k m with m in [sqrt(1/2), sqrt(2)), log m = 2 artanh((m - 1) / (m + 1)) by the
 * series DLMF 4.6.4; its first two terms in double-double. */
#include "dd.h"

static const double LN2_TOP = 0x1.62e42fefa2000p-1, LN2_REST = 0x1.9ef35793c7673p-41;
static const dd THIRD = {0x1.5555555555555p-2, 0x1.5555555555555p-56};
static const dd PER_LN2 = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
static const dd PER_LN10 = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
static const dd LOG10_2 = {0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59};

/* log(1 + f), sqrt(1/2) <= 1 + f <= sqrt(2) */
static dd near_one(dd f) {
  static const double c[] = {1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13, 1.0 / 15,
                             1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25, 1.0 / 27};
  if (f.hi == 0) return f;
  dd s = divide(f, plus(f, 2)), z = multiply(s, s);
  dd t = plus(multiply(z, THIRD), z.hi * z.hi * polynomial(z.hi, c, 12));
  dd twice = scaled(s, 2);
  return add(twice, multiply(twice, t));
}

/* Splits a positive x into 2^k (1 + f). */
static int split_power(dd x, dd *f) {
  int k = 0;
  if (x.hi < 0x1p-1000) {
    x = scaled(x, 0x1p128);
    k = -128;
  }
  int e = exponent_field(x.hi) - 1023;
  double down = power_of_two(-e / 2), rest = power_of_two(-e - -e / 2);
  x = scaled(scaled(x, down), rest);
  if (x.hi > 0x1.6a09e667f3bcdp+0) {
    x = scaled(x, 0.5);
    e++;
  }
  *f = plus(x, -1);
  return e + k;
}

static dd with_power(int k, dd log_m) {
  if (k == 0) return log_m;
  return add(sum(k * LN2_TOP, k * LN2_REST), log_m);
}

dd __kg_m_log(dd x) {
  dd f;
  int k = split_power(x, &f);
  return with_power(k, near_one(f));
}

dd __kg_m_log1p(dd x) {
  if (magnitude(x.hi) < 0x1p-60) return x;
  if (x.hi > -0.29 && x.hi < 0.41) return near_one(x);
  return __kg_m_log(plus(x, 1));
}

/* What log gives outside (0, inf); 1 if x lies there. */
static int special(double x, double *result) {
  if (x > 0 && x < INF_) return 0;
  *result = x == 0 ? -INF_ : x > 0 ? x : NAN_;
  return 1;
}

double log(double x) {
  double r;
  return special(x, &r) ? r : __kg_m_log(make(x, 0)).hi;
}

double log2(double x) {
  double r;
  if (special(x, &r)) return r;
  dd f;
  int k = split_power(make(x, 0), &f);
  return plus(multiply(near_one(f), PER_LN2), k).hi;
}

double log10(double x) {
  double r;
  if (special(x, &r)) return r;
  dd f;
  int k = split_power(make(x, 0), &f);
  return add(times(LOG10_2, k), multiply(near_one(f), PER_LN10)).hi;
}

double log1p(double x) {
  if (x == -1) return -INF_;
  if (!(x > -1)) return NAN_;
  return x < INF_ && x != 0 ? __kg_m_log1p(make(x, 0)).hi : x;
}
