// expect: const
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  const int x = 1;
  x = a[0];  // <- here
  c[0] = x;
}
