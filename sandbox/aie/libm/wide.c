/* 128-bit integers: the calls that LLVM makes where the core has no instruction. No operation here
 * may itself need such a call: halves are 64-bit, shifts by constants only. */
#include "dd.h"

typedef __int128 i128;
typedef unsigned __int128 u128;
typedef struct { u64 hi, lo; } halves;

static inline halves parts(u128 a) { return (halves){(u64)(a >> 64), (u64)a}; }
static inline u128 whole(u64 hi, u64 lo) { return (u128)hi << 64 | lo; }

static halves times_64(u64 a, u64 b) {
  u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
  u64 low = a0 * b0, left = a1 * b0 + (low >> 32), right = a0 * b1 + (u32)left;
  return (halves){a1 * b1 + (left >> 32) + (right >> 32), right << 32 | (u32)low};
}

i128 __multi3(i128 a, i128 b) {
  halves x = parts((u128)a), y = parts((u128)b), p = times_64(x.lo, y.lo);
  return (i128)whole(p.hi + x.hi * y.lo + x.lo * y.hi, p.lo);
}

i128 __ashlti3(i128 a, int n) {
  halves x = parts((u128)a);
  if (n >= 64) return (i128)whole(x.lo << (n - 64), 0);
  return n ? (i128)whole(x.hi << n | x.lo >> (64 - n), x.lo << n) : a;
}

u128 __lshrti3(u128 a, int n) {
  halves x = parts(a);
  if (n >= 64) return whole(0, x.hi >> (n - 64));
  return n ? whole(x.hi >> n, x.lo >> n | x.hi << (64 - n)) : a;
}

i128 __ashrti3(i128 a, int n) {
  halves x = parts((u128)a);
  u64 sign = (u64)((i64)x.hi >> 63);
  if (n >= 64) return (i128)whole(sign, (u64)((i64)x.hi >> (n - 64)));
  return n ? (i128)whole((u64)((i64)x.hi >> n), x.lo >> n | x.hi << (64 - n)) : a;
}

/* Schoolbook division, one bit a step. Division by zero traps as the 64-bit one does. */
static u128 divide_wide(u128 a, u128 b, u128 *rest) {
  halves x = parts(a), y = parts(b);
  if (!(x.hi | y.hi)) {
    *rest = x.lo % y.lo;
    return x.lo / y.lo;
  }
  if (!(y.hi | y.lo)) __builtin_trap();
  halves q = {0, 0}, r = {0, 0};
  for (int i = 127; i >= 0; i--) {
    u64 bit = i >= 64 ? x.hi >> (i - 64) & 1 : x.lo >> i & 1, out = r.hi >> 63;
    r = (halves){r.hi << 1 | r.lo >> 63, r.lo << 1 | bit};
    q = (halves){q.hi << 1 | q.lo >> 63, q.lo << 1};
    if (out || r.hi > y.hi || (r.hi == y.hi && r.lo >= y.lo)) {
      r = (halves){r.hi - y.hi - (r.lo < y.lo), r.lo - y.lo};
      q.lo |= 1;
    }
  }
  *rest = whole(r.hi, r.lo);
  return whole(q.hi, q.lo);
}

static inline u128 size_of(i128 a) { return a < 0 ? -(u128)a : (u128)a; }

u128 __udivti3(u128 a, u128 b) {
  u128 rest;
  return divide_wide(a, b, &rest);
}
u128 __umodti3(u128 a, u128 b) {
  u128 rest;
  divide_wide(a, b, &rest);
  return rest;
}
i128 __divti3(i128 a, i128 b) {
  u128 rest, q = divide_wide(size_of(a), size_of(b), &rest);
  return (i128)((a < 0) != (b < 0) ? -q : q);
}
i128 __modti3(i128 a, i128 b) {
  u128 rest;
  divide_wide(size_of(a), size_of(b), &rest);
  return (i128)(a < 0 ? -rest : rest);
}

/* a b modulo 2^128; *overflow says whether that is not the product. */
i128 __muloti4(i128 a, i128 b, int *overflow) {
  __kg_m_check_store(overflow, sizeof *overflow);
  i128 p = __multi3(a, b);
  *overflow = a != 0 && ((a == -1 && b == -b && b != 0) || __divti3(p, a) != b);
  return p;
}

/* The top 64 bits that matter, what lies below as bit 0; value = result 2^*power. */
static u64 leading(u128 a, int *power) {
  halves x = parts(a);
  *power = 0;
  if (!x.hi) return x.lo;
  int n = __builtin_clzll(x.hi);
  *power = 64 - n;
  u64 top = n ? x.hi << n | x.lo >> (64 - n) : x.hi;
  return top | ((n ? x.lo << n : x.lo) != 0);
}

double __floatuntidf(u128 a) {
  int power;
  u64 top = leading(a, &power);
  return (double)top * power_of_two(power);
}
float __floatuntisf(u128 a) {
  int power;
  u64 top = leading(a, &power);
  return (float)((double)(float)top * power_of_two(power));
}
double __floattidf(i128 a) { return a < 0 ? -__floatuntidf(size_of(a)) : __floatuntidf((u128)a); }
float __floattisf(i128 a) { return a < 0 ? -__floatuntisf(size_of(a)) : __floatuntisf((u128)a); }

/* Saturating; NaN gives 0. */
u128 __fixunsdfti(double x) {
  if (!(x >= 1)) return 0;
  if (x >= 0x1p128) return ~(u128)0;
  u64 hi = (u64)(x * 0x1p-64);
  return whole(hi, (u64)(x - (double)hi * 0x1p64));
}
i128 __fixdfti(double x) {
  u128 top = (u128)1 << 127;
  if (x >= 0x1p127) return (i128)(top - 1);
  if (x <= -0x1p127) return (i128)top;
  return x < 0 ? (i128)-__fixunsdfti(-x) : (i128)__fixunsdfti(x);
}
u128 __fixunssfti(float x) { return __fixunsdfti(x); }
i128 __fixsfti(float x) { return __fixdfti(x); }
