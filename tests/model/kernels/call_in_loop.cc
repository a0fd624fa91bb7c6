#include <aie_api/aie.hpp>

__attribute__((noinline)) int square(int x) { return x * x; }

void k(int32_t *__restrict a, int32_t *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = square(a[i]);
}
