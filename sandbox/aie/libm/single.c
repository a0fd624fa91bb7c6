/* The float functions: the double ones, rounded once more (within 0.501 ulp). */
#include "dd.h"

#define UNARY(F)       \
  double F(double x);  \
  float F##f(float x) { return (float)F((double)x); }
#define BINARY(F)               \
  double F(double x, double y); \
  float F##f(float x, float y) { return (float)F((double)x, (double)y); }

UNARY(exp)
UNARY(exp2)
UNARY(exp10)
UNARY(expm1)
UNARY(log)
UNARY(log2)
UNARY(log10)
UNARY(log1p)
UNARY(cbrt)
UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(asin)
UNARY(acos)
UNARY(atan)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(asinh)
UNARY(acosh)
UNARY(atanh)
UNARY(erf)
UNARY(erfc)
UNARY(tgamma)
UNARY(lgamma)
BINARY(pow)
BINARY(atan2)
BINARY(hypot)

float sqrtf(float x) { return __builtin_elementwise_sqrt(x); }
