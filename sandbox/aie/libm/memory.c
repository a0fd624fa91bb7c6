/* Block operations. What a kernel passes by pointer is checked like its own stores, since these
 * functions can also be reached by a direct call that nothing instruments. */
#include "dd.h"

void __kg_store(u32 address, u32 bytes, u32 mask, u32 site);
enum { NO_SITE = 0x7fffffff };

void __kg_m_check_store(const void *to, u32 bytes) {
  __kg_store((u32)(unsigned long)to, bytes, 0, NO_SITE);
}

static void forward(u8 *to, const u8 *from, u32 bytes) {
  for (; bytes >= 8; bytes -= 8, to += 8, from += 8) {
    u64 word;
    __builtin_memcpy_inline(&word, from, 8);
    __builtin_memcpy_inline(to, &word, 8);
  }
  while (bytes--) *to++ = *from++;
}

void *memcpy(void *restrict to, const void *restrict from, u32 bytes) {
  __kg_m_check_store(to, bytes);
  forward(to, from, bytes);
  return to;
}

void *memmove(void *to, const void *from, u32 bytes) {
  u8 *t = to;
  const u8 *f = from;
  __kg_m_check_store(to, bytes);
  if (t <= f) {
    forward(t, f, bytes);
  } else {
    while (bytes--) t[bytes] = f[bytes];
  }
  return to;
}

void *memset(void *to, int value, u32 bytes) {
  u8 *t = to;
  __kg_m_check_store(to, bytes);
  u64 word = (u8)value * 0x0101010101010101ull;
  for (; bytes >= 8; bytes -= 8, t += 8) __builtin_memcpy_inline(t, &word, 8);
  while (bytes--) *t++ = (u8)value;
  return to;
}

int memcmp(const void *a, const void *b, u32 bytes) {
  const u8 *x = a, *y = b;
  for (; bytes; bytes--, x++, y++)
    if (*x != *y) return *x < *y ? -1 : 1;
  return 0;
}
int bcmp(const void *a, const void *b, u32 bytes) { return memcmp(a, b, bytes); }

int abs(int x) { return x < 0 ? (int)-(u32)x : x; }
long labs(long x) { return abs((int)x); }
i64 llabs(i64 x) { return x < 0 ? (i64)-(u64)x : x; }
