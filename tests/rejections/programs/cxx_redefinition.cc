// expect: redefinition of 'x'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  int x = a[0];
  int x = b[0];  // <- here
  c[0] = x;
}
