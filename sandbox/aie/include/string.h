#pragma once
#include <stddef.h>
extern "C" {
void *memcpy(void *__restrict to, const void *__restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
// Here rather than in the library: what it takes depends on where the blocks begin to differ.
inline int memcmp(const void *a, const void *b, size_t bytes) {
  const unsigned char *one = (const unsigned char *)a, *two = (const unsigned char *)b;
  for (size_t i = 0; i < bytes; i++)
    if (one[i] != two[i]) return one[i] < two[i] ? -1 : 1;
  return 0;
}
}
