/* Hyperbolic functions from e^x - 1 and log(1 + x) in double-double (DLMF 4.28, 4.37). */
#include "dd.h"

static const double LARGE = 44, HUGE_ARGUMENT = 711;

static double half_exp(double x) {
  if (x > HUGE_ARGUMENT) return INF_;
  int k;
  dd e = __kg_m_exp(make(x, 0), &k);
  return scalbn(e.hi, k - 1);
}

double sinh(double x) {
  double a = magnitude(x);
  if (x != x || a < 0x1p-27) return x;
  if (a > LARGE) return with_sign(half_exp(a), x);
  dd e = __kg_m_expm1(a);
  return with_sign(0.5 * add(e, divide(e, plus(e, 1))).hi, x);
}

double cosh(double x) {
  double a = magnitude(x);
  if (x != x) return x;
  if (a > LARGE) return half_exp(a);
  dd e = plus(__kg_m_expm1(a), 1);
  return 0.5 * add(e, divide(make(1, 0), e)).hi;
}

double tanh(double x) {
  double a = magnitude(x);
  if (x != x || a < 0x1p-27) return x;
  if (a > 20) return with_sign(1, x);
  dd e = __kg_m_expm1(2 * a);
  return with_sign(divide(e, plus(e, 2)).hi, x);
}

double asinh(double x) {
  double a = magnitude(x);
  if (a < 0x1p-27 || !is_finite(x)) return x;
  if (a > 0x1p30) return with_sign(add(__kg_m_log(make(a, 0)), LN2).hi, x);
  dd square = product(a, a), hypotenuse = square_root(plus(square, 1));
  dd above = plus(divide(square, plus(hypotenuse, 1)), a);
  return with_sign(__kg_m_log1p(above).hi, x);
}

double acosh(double x) {
  if (!(x >= 1)) return NAN_;
  if (x == INF_) return x;
  if (x > 0x1p30) return add(__kg_m_log(make(x, 0)), LN2).hi;
  dd t = sum(x, -1), other = square_root(multiply(t, plus(t, 2)));
  return __kg_m_log1p(add(t, other)).hi;
}

double atanh(double x) {
  double a = magnitude(x);
  if (!(a <= 1)) return NAN_;
  if (a < 0x1p-27) return x;
  if (a == 1) return with_sign(INF_, x);
  return with_sign(0.5 * __kg_m_log1p(divide(make(2 * a, 0), sum(1, -a))).hi, x);
}
