#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *c) {
  for (int i = 0; i < 256; i++) c[i] = a[i] + 1;
}
