// expect: expected
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {  // <- here
  for (int i = 0; i < 64; i++) {
    c[i] = a[i];
  }
