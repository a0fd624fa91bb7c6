// expect: inline assembly
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  asm volatile("nop");  // <- here
  c[0] = a[0];
}
