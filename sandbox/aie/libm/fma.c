/* Fused multiply-add: rounded once. */
#include "dd.h"

/* The product of two floats is exact in double; the sum is rounded to odd (Boldo and Melquiond,
 * IEEE Transactions on Computers 57, 2008), so that the last rounding is right. */
float fmaf(float x, float y, float z) {
  double p = (double)x * y, c = z, s = p + c;
  if (!is_finite(s) || s == 0) return (float)s;
  dd t = sum(p, c);
  u64 bits = bits_of(s);
  if (t.lo != 0 && !(bits & 1)) bits += (t.lo > 0) == (s > 0) ? 1 : -1ull;
  return (float)of_bits(bits);
}

typedef struct { u64 hi, lo; } wide;

static wide shift_left(wide a, int n) {
  if (n == 0) return a;
  if (n >= 64) return (wide){a.lo << (n - 64), 0};
  return (wide){a.hi << n | a.lo >> (64 - n), a.lo << n};
}

/* Bits shifted out are kept as one: bit 0 set. */
static wide shift_right_sticky(wide a, int n) {
  if (n == 0) return a;
  if (n >= 128) return (wide){0, (a.hi | a.lo) != 0};
  wide r;
  u64 lost;
  if (n >= 64) {
    lost = a.lo | (n > 64 ? a.hi << (128 - n) : 0);
    r = (wide){0, n > 64 ? a.hi >> (n - 64) : a.hi};
  } else {
    lost = a.lo << (64 - n);
    r = (wide){a.hi >> n, a.lo >> n | a.hi << (64 - n)};
  }
  r.lo |= lost != 0;
  return r;
}

static wide product_of(u64 a, u64 b) { /* a, b < 2^53 */
  u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
  u64 low = a0 * b0, middle = a0 * b1 + a1 * b0 + (low >> 32);
  return (wide){a1 * b1 + (middle >> 32), middle << 32 | (u32)low};
}

static int leading_zeros(wide a) {
  return a.hi ? __builtin_clzll(a.hi) : 64 + (a.lo ? __builtin_clzll(a.lo) : 64);
}

static int less(wide a, wide b) { return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo); }

static wide difference(wide a, wide b) {
  return (wide){a.hi - b.hi - (a.lo < b.lo), a.lo - b.lo};
}

/* value = m 2^e, significand normalised to 53 bits */
static int unpack(double x, u64 *m) {
  int e = exponent_field(x);
  *m = bits_of(x) & 0xfffffffffffffull;
  if (e) {
    *m |= 1ull << 52;
    return e - 1075;
  }
  int n = __builtin_clzll(*m) - 11;
  *m <<= n;
  return -1074 - n;
}

/* m 2^e rounded to nearest even once, also where the result is subnormal */
static double round_off(wide m, int e) {
  int n = leading_zeros(m);
  m = shift_left(m, n); /* bit 127 set */
  e -= n;
  int drop = 75; /* 53 bits remain */
  if (e + 75 < -1074) drop = -1074 - e;
  wide kept = shift_right_sticky(m, drop - 2); /* two bits more: half and the rest */
  u64 v = kept.lo >> 2 | kept.hi << 62, rest = kept.lo & 3;
  v += rest > 2 || (rest == 2 && (v & 1));
  int power = e + drop;
  if (power > 971) return INF_;
  return scalbn((double)v, power);
}

double fma(double x, double y, double z) {
  if (!is_finite(x) || !is_finite(y) || x == 0 || y == 0) return x * y + z;
  if (!is_finite(z)) return z;
  u64 a, b, c;
  int e = unpack(x, &a) + unpack(y, &b), negative = is_negative(x) ^ is_negative(y);
  wide p = shift_left(product_of(a, b), 20); /* below 2^126 */
  e -= 20;
  if (z == 0) return negative ? -round_off(p, e) : round_off(p, e);
  int f = unpack(z, &c) - 72, minus = is_negative(z);
  wide q = shift_left((wide){0, c}, 72); /* below 2^125 */
  if (e > f) q = shift_right_sticky(q, e - f);
  else p = shift_right_sticky(p, f - e), e = f;
  wide s;
  if (negative == minus) {
    s = (wide){p.hi + q.hi + (p.lo + q.lo < p.lo), p.lo + q.lo};
  } else if (less(p, q)) {
    s = difference(q, p);
    negative = minus;
  } else {
    s = difference(p, q);
  }
  if (!(s.hi | s.lo)) return 0;
  double r = round_off(s, e);
  return negative ? -r : r;
}
