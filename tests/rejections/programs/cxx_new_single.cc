// expect: new
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto *p = new int16_t(a[0]);  // <- here
  c[0] = *p;
}
