/* Double-double arithmetic: a value is the unevaluated sum hi + lo, |lo| <= ulp(hi) / 2.
 * Error-free sums and products after Knuth (TAOCP 2, 4.2.2), Dekker (1971) and Veltkamp's split.
 * Products are exact only for |a|, |b| < 2^970 and away from underflow: callers scale.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
typedef struct { double hi, lo; } dd;

#define NAN_ __builtin_nan("")
#define INF_ __builtin_inf()

static inline u64 bits_of(double x) { return __builtin_bit_cast(u64, x); }
static inline double of_bits(u64 b) { return __builtin_bit_cast(double, b); }
static inline double magnitude(double x) { return __builtin_fabs(x); }
static inline double with_sign(double x, double sign) { return __builtin_copysign(x, sign); }
static inline double nearest(double x) { return __builtin_rint(x); } /* wasm f64.nearest */
static inline double root(double x) { return __builtin_elementwise_sqrt(x); } /* f64.sqrt */
static inline int is_negative(double x) { return (int)(bits_of(x) >> 63); }
static inline int is_finite(double x) { return magnitude(x) < INF_; }
static inline int exponent_field(double x) { return (int)(bits_of(x) >> 52) & 0x7ff; }
static inline double power_of_two(int k) { return of_bits((u64)(k + 1023) << 52); } /* normal */

static inline dd make(double hi, double lo) { return (dd){hi, lo}; }

/* a + b where |a| >= |b| or a == 0 */
static inline dd quick_sum(double a, double b) {
  double s = a + b;
  return make(s, b - (s - a));
}

static inline dd sum(double a, double b) {
  double s = a + b, t = s - a;
  return make(s, (a - (s - t)) + (b - t));
}

static inline dd split(double a) {
  double c = 134217729.0 * a, hi = c - (c - a);
  return make(hi, a - hi);
}

static inline dd product(double a, double b) {
  double p = a * b;
  dd x = split(a), y = split(b);
  return make(p, ((x.hi * y.hi - p) + x.hi * y.lo + x.lo * y.hi) + x.lo * y.lo);
}

static inline dd negate(dd a) { return make(-a.hi, -a.lo); }
static inline dd scaled(dd a, double power) { return make(a.hi * power, a.lo * power); }

static inline dd add(dd a, dd b) {
  dd s = sum(a.hi, b.hi), t = sum(a.lo, b.lo);
  s = quick_sum(s.hi, s.lo + t.hi);
  return quick_sum(s.hi, s.lo + t.lo);
}

static inline dd plus(dd a, double b) {
  dd s = sum(a.hi, b);
  return quick_sum(s.hi, s.lo + a.lo);
}

static inline dd multiply(dd a, dd b) {
  dd p = product(a.hi, b.hi);
  return quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline dd times(dd a, double b) {
  dd p = product(a.hi, b);
  return quick_sum(p.hi, p.lo + a.lo * b);
}

static inline dd divide(dd a, dd b) {
  double q = a.hi / b.hi;
  dd p = product(q, b.hi);
  double rest = (((a.hi - p.hi) - p.lo) + a.lo) - q * b.lo;
  return quick_sum(q, rest / b.hi);
}

static inline dd square_root(dd a) {
  if (a.hi <= 0) return make(0, 0);
  double s = root(a.hi);
  dd p = product(s, s);
  return quick_sum(s, (((a.hi - p.hi) - p.lo) + a.lo) / (2 * s));
}

/* Sum of c[i] x^i, i < n: Horner. */
static inline double polynomial(double x, const double *c, int n) {
  double r = c[n - 1];
  for (int i = n - 2; i >= 0; i--) r = r * x + c[i];
  return r;
}

static const dd LN2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
static const dd PI = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
static const dd HALF_PI = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

double scalbn(double x, int n);

/* e^x = 2^*k times the result, which lies in [0.7, 1.42]; |x| < 2000; relative error < 2^-56. */
dd __kg_m_exp(dd x, int *k);
/* e^x - 1 for |x| <= 45; relative error < 2^-56 */
dd __kg_m_expm1(double x);
/* log x for normal x > 0, and log(1 + x) for x > -1; relative error < 2^-63 */
dd __kg_m_log(dd x);
dd __kg_m_log1p(dd x);
/* The angle in [0, pi / 2] of the point (x, y); x, y >= 0, not both 0, within 2^+-900. */
dd __kg_m_angle(dd y, dd x);
/* sin and cos of r, |r| <= pi / 4 */
dd __kg_m_sin(dd r);
dd __kg_m_cos(dd r);
/* Traps unless the kernel may store `bytes` bytes at `to`. */
void __kg_m_check_store(const void *to, u32 bytes);
