// expect: 'break' statement not in loop
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  if (a[0]) break;  // <- here
  c[0] = a[0];
}
