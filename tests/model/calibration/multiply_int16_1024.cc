#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *c, int16_t s) {
  for (int i = 0; i < 1024; i++) c[i] = a[i] * s;
}
