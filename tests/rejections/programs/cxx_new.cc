// expect: new
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  int16_t *p = new int16_t[64];  // <- here
  for (int i = 0; i < 64; i++) p[i] = a[i];
  c[0] = p[0];
}
