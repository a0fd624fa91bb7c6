/* Gamma and its logarithm: Stirling's series DLMF 5.11.1 from 20 on, below it the recurrence
 * DLMF 5.5.1, for negative arguments the reflection DLMF 5.5.3; log gamma near its zeros 1 and 2
 * by the series DLMF 5.7.3. */
#include "dd.h"

enum { ASYMPTOTIC = 20 };
static const dd HALF_LN_2PI = {0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55};
static const dd LN_PI = {0x1.250d048e7a1bdp+0, 0x1.7abf2ad8d5088p-57};
static const dd ONE_LESS_EULER = {0x1.b0ee6072093cep-2, 0x1.6cb90701fbfabp-58};

/* x >= ASYMPTOTIC, x < 2^60 */
static dd stirling(dd x) {
  static const double c[] = {0x1.5555555555555p-4,  -0x1.6c16c16c16c17p-9, 0x1.a01a01a01a01ap-11,
                             -0x1.3813813813814p-11, 0x1.b951e2b18ff23p-11, -0x1.f6ab0d9993c7dp-10,
                             0x1.a41a41a41a41ap-8,  -0x1.e4286cb0f5398p-6, 0x1.6fe96381e0680p-3};
  double y = 1 / x.hi;
  dd r = multiply(plus(x, -0.5), __kg_m_log(x));
  r = add(add(r, negate(x)), HALF_LN_2PI);
  return plus(r, y * polynomial(y * y, c, 9));
}

/* gamma(x) = 2^*k times the result, 0 < x < 200 */
static dd gamma_scaled(dd x, int *k) {
  dd down = {1, 0};
  while (x.hi < ASYMPTOTIC) {
    down = multiply(down, x);
    x = plus(x, 1);
  }
  return divide(__kg_m_exp(stirling(x), k), down);
}

/* |sin(pi x)| */
static dd sin_pi(double x) {
  double f = magnitude(x - 2 * nearest(x / 2)); /* in [0, 1] */
  if (f > 0.5) f = 1 - f;
  if (f > 0.25) return __kg_m_cos(times(PI, 0.5 - f));
  return __kg_m_sin(times(PI, f));
}

static int is_integer(double x) { return __builtin_floor(x) == x; }

double tgamma(double x) {
  if (x != x || x == INF_) return x;
  if (x == 0) return with_sign(INF_, x);
  if (x == -INF_ || (x < 0 && is_integer(x))) return NAN_;
  if (magnitude(x) < 0x1p-60) return 1 / x;
  if (x > 172) return INF_;
  int k;
  if (x > 0) {
    dd g = gamma_scaled(make(x, 0), &k);
    return scalbn(g.hi, k);
  }
  int odd = __builtin_floor(x) != 2 * __builtin_floor(__builtin_floor(x) / 2);
  if (x < -190) return odd ? -0.0 : 0.0;
  dd g = gamma_scaled(sum(1, -x), &k);
  double r = scalbn(divide(PI, multiply(sin_pi(x), g)).hi, -k);
  return odd ? -r : r;
}

/* log gamma(2 + z), -0.5 <= z <= 0.5: (zeta(k) - 1) / k, k = 2, 3, ... */
static dd near_two(dd z) {
  static const double c[] = {
      0x1.4a34cc4a60fa6p-2,  0x1.13e001a557607p-4,  0x1.51322ac7d8483p-6,  0x1.e404fc218f5f2p-8,
      0x1.7add6eadb6c30p-9,  0x1.38ac5c2bf8e08p-10, 0x1.0b36af86396e9p-11, 0x1.d3fd4c76d2fc8p-13,
      0x1.a127b0f17d65ap-14, 0x1.78de5bd7c81efp-15, 0x1.580dcee66eb02p-16, 0x1.3cbc963ce2243p-17,
      0x1.2597a39f34aacp-18, 0x1.11b2eb7679541p-19, 0x1.0064cdeb22f0fp-20, 0x1.e2600d93cfd2fp-22,
      0x1.c76bbb3f07a4dp-23, 0x1.af5a6cbbf8a97p-24, 0x1.99b93c2070b0fp-25, 0x1.862c734df3eacp-26,
      0x1.7469daccfadcdp-27, 0x1.6434a8447aeadp-28, 0x1.555a877ffd2c3p-29, 0x1.47b1679258d0ep-30,
      0x1.3b15d2b2fc10cp-31, 0x1.2f69a9fabe3e0p-32, 0x1.24932a337434cp-33, 0x1.1a7c26ec2523cp-34,
      0x1.11116e693ed98p-35, 0x1.08424cbc543d8p-36, 0x1.000026e3f644fp-37, 0x1.f07c514fc9f0ap-39};
  double q = z.hi * z.hi * polynomial(-z.hi, c, 32);
  return plus(multiply(ONE_LESS_EULER, z), q);
}

/* 0 < x < 2^60 */
static dd log_gamma(dd x) {
  if (x.hi >= ASYMPTOTIC) return stirling(x);
  if (x.hi < 0.5)
    return add(near_two(x), negate(add(__kg_m_log(x), __kg_m_log1p(x))));
  if (x.hi < 1.5) {
    dd z = plus(x, -1);
    return add(near_two(z), negate(__kg_m_log1p(z)));
  }
  if (x.hi <= 2.5) return near_two(plus(x, -2));
  int k;
  dd g = gamma_scaled(x, &k);
  return add(__kg_m_log(g), times(LN2, k));
}

double lgamma(double x) {
  if (x != x) return x;
  double a = magnitude(x);
  if (a == INF_ || (x <= 0 && is_integer(x))) return INF_;
  if (a < 0x1p-70) return -__kg_m_log(make(a, 0)).hi;
  if (x > 0x1p60) {
    dd l = __kg_m_log(make(x, 0));
    return x * ((l.hi - 1) + l.lo);
  }
  if (x > 0) return log_gamma(make(x, 0)).hi;
  dd reflected = add(LN_PI, negate(__kg_m_log(sin_pi(x))));
  return add(reflected, negate(log_gamma(sum(1, -x)))).hi;
}
