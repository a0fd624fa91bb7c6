#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *c, int8_t off) {
  for (int i = 0; i < 1024; i++) c[i] = a[i] + off;
}
