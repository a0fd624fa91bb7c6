/* Rounding to integers, and choices between two numbers. The single instructions of WebAssembly
 * where there is one; a call of the library function itself would never return. */
#include "dd.h"

double floor(double x) { return __builtin_floor(x); }
double ceil(double x) { return __builtin_ceil(x); }
double trunc(double x) { return __builtin_trunc(x); }
double rint(double x) { return nearest(x); }
double nearbyint(double x) { return nearest(x); }
double roundeven(double x) { return nearest(x); }
double fabs(double x) { return magnitude(x); }
double copysign(double x, double sign) { return with_sign(x, sign); }

double round(double x) {
  double t = __builtin_trunc(x);
  if (magnitude(x - t) >= 0.5) t += with_sign(1, x);
  return with_sign(t, x);
}

long lround(double x) { return (long)round(x); }
long lrint(double x) { return (long)nearest(x); }
i64 llround(double x) { return (i64)round(x); }
i64 llrint(double x) { return (i64)nearest(x); }

float floorf(float x) { return __builtin_floorf(x); }
float ceilf(float x) { return __builtin_ceilf(x); }
float truncf(float x) { return __builtin_truncf(x); }
float rintf(float x) { return __builtin_rintf(x); }
float nearbyintf(float x) { return __builtin_rintf(x); }
float roundevenf(float x) { return __builtin_rintf(x); }
float fabsf(float x) { return __builtin_fabsf(x); }
float copysignf(float x, float sign) { return __builtin_copysignf(x, sign); }
float roundf(float x) { return (float)round(x); }
long lroundf(float x) { return (long)round(x); }
long lrintf(float x) { return (long)nearest(x); }
i64 llroundf(float x) { return (i64)round(x); }
i64 llrintf(float x) { return (i64)nearest(x); }

/* A NaN is no number to choose; -0 counts as less than +0. */
double fmin(double x, double y) {
  return x != x ? y : y != y ? x : __builtin_wasm_min_f64(x, y);
}
double fmax(double x, double y) {
  return x != x ? y : y != y ? x : __builtin_wasm_max_f64(x, y);
}
float fminf(float x, float y) { return x != x ? y : y != y ? x : __builtin_wasm_min_f32(x, y); }
float fmaxf(float x, float y) { return x != x ? y : y != y ? x : __builtin_wasm_max_f32(x, y); }
double fminimum_num(double x, double y) { return fmin(x, y); }
double fmaximum_num(double x, double y) { return fmax(x, y); }
float fminimum_numf(float x, float y) { return fminf(x, y); }
float fmaximum_numf(float x, float y) { return fmaxf(x, y); }

double fdim(double x, double y) {
  if (x != x || y != y) return NAN_;
  return x > y ? x - y : 0;
}
float fdimf(float x, float y) {
  if (x != x || y != y) return __builtin_nanf("");
  return x > y ? x - y : 0;
}
