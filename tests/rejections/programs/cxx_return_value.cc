// expect: void function 'k' should not return a value
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  c[0] = a[0];
  return c[0];  // <- here
}
