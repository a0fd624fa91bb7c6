/* 128-bit products and shifts: the calls LLVM makes for overflow checks of 64-bit products and for
 * wide shifts; other 128-bit arithmetic is refused before. Nothing here may itself need such a
 * call: halves are 64-bit, shifts of the whole by constants only. */
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
