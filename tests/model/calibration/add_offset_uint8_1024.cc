#include <aie_api/aie.hpp>

void k(uint8_t *a, uint8_t *c, uint8_t off) {
  for (int i = 0; i < 1024; i++) c[i] = a[i] + off;
}
