/* sin, cos, tan. x = n pi/2 + r, |r| <= pi/4: for |x| < 2^20 with pi/2 in four parts (Cody and
 * Waite), above with the bits of 2/pi that matter (Payne and Hanek, SIGNUM Newsletter 18, 1983);
 * then the Taylor series DLMF 4.19.1-2. */
#include "dd.h"

static const double PART[] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e037073p-69};

/* 64 zero bits, then the bits of 2/pi */
static const u32 TWO_PER_PI[] = {
    0x00000000, 0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
    0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
    0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
    0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab,
    0xf0cfbc20, 0x00000000,
};
enum { WORDS = 8 };

dd __kg_m_sin(dd r) {
  static const double c[] = {-1.0 / 6,           1.0 / 120,          -1.0 / 5040,
                             1.0 / 362880,       -1.0 / 39916800,    1.0 / 6227020800,
                             -1.0 / 1307674368e3, 1.0 / 355687428096e3};
  double z = r.hi * r.hi;
  return quick_sum(r.hi, r.hi * z * polynomial(z, c, 8) + r.lo * (1 - 0.5 * z));
}

dd __kg_m_cos(dd r) {
  static const double c[] = {1.0 / 24,        -1.0 / 720,         1.0 / 40320,
                             -1.0 / 3628800,  1.0 / 479001600,    -1.0 / 87178291200,
                             1.0 / 20922789888e3, -1.0 / 6402373705728e3};
  dd z = product(r.hi, r.hi), one = quick_sum(1, -0.5 * z.hi);
  double rest = z.hi * z.hi * polynomial(z.hi, c, 8) - 0.5 * z.lo - r.hi * r.lo;
  return quick_sum(one.hi, one.lo + rest);
}

static int reduce_medium(double x, dd *r) {
  double n = nearest(x * 0x1.45f306dc9c883p-1);
  dd a = sum(x - n * PART[0], -(n * PART[1])), p = product(n, PART[2]);
  *r = plus(add(a, negate(p)), -(n * 0x1.129024e088a68p-123));
  return (int)n & 3;
}

/* |x| >= 2^20: x = m 2^e. Words of 2/pi whose product with x is a multiple of 4 are left out. */
static int reduce_large(double x, dd *r) {
  u64 m = (bits_of(x) & 0xfffffffffffffull) | 0x10000000000000ull;
  int e = exponent_field(x) - 1075, first = (e + 62) / 32, shift = e + 62 - 32 * first;
  u32 p[WORDS], low = (u32)m, high = (u32)(m >> 32);
  u64 carry = 0, before = 0;
  for (int i = WORDS - 1; i >= 0; i--) { /* m times the words, modulo 2^256 */
    u64 w = TWO_PER_PI[first + i];
    u64 a = w * low + (u32)carry + (u32)before;
    p[i] = (u32)a;
    carry = (carry >> 32) + (before >> 32) + (a >> 32);
    before = w * high;
  }
  for (int i = 0; i < WORDS && shift; i++) /* now the fraction of x / (2 pi) */
    p[i] = p[i] << shift | (i + 1 < WORDS ? p[i + 1] >> (32 - shift) : 0);
  int quadrant = (int)(p[0] >> 30), up = (int)(p[0] >> 29) & 1;
  p[0] &= 0x3fffffff;
  dd f = {0, 0};
  double weight = 0x1p-30;
  for (int i = 0; i < WORDS; i++, weight *= 0x1p-32) {
    u32 word = up ? ~p[i] & (i ? 0xffffffff : 0x3fffffff) : p[i]; /* 1 - f, but for 2^-254 */
    f = plus(f, word * weight);
  }
  f = multiply(f, HALF_PI);
  *r = up ? negate(f) : f;
  return (quadrant + up) & 3;
}

static int reduce(double x, dd *r) {
  double a = magnitude(x);
  if (a < 0x1.921fb54442d18p-1) {
    *r = make(x, 0);
    return 0;
  }
  if (a < 0x1p20) return reduce_medium(x, r);
  int n = reduce_large(a, r);
  if (x > 0) return n;
  *r = negate(*r);
  return -n & 3;
}

double sin(double x) {
  if (!is_finite(x)) return NAN_;
  if (magnitude(x) < 0x1p-27) return x;
  dd r;
  int n = reduce(x, &r);
  dd v = n & 1 ? __kg_m_cos(r) : __kg_m_sin(r);
  return n & 2 ? -v.hi : v.hi;
}

double cos(double x) {
  if (!is_finite(x)) return NAN_;
  dd r;
  int n = reduce(x, &r) + 1;
  dd v = n & 1 ? __kg_m_cos(r) : __kg_m_sin(r);
  return n & 2 ? -v.hi : v.hi;
}

double tan(double x) {
  if (!is_finite(x)) return NAN_;
  if (magnitude(x) < 0x1p-27) return x;
  dd r;
  int n = reduce(x, &r);
  dd s = __kg_m_sin(r), c = __kg_m_cos(r);
  return n & 1 ? -divide(c, s).hi : divide(s, c).hi;
}
