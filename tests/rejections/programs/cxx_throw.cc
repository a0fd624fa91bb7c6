// expect: exceptions disabled
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  if (a[0] < 0) throw 1;  // <- here
  c[0] = a[0];
}
