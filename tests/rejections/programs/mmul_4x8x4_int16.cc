// expect: undefined template; matrix shape
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::mmul<4, 8, 4, int16_t, int16_t> m;  // <- here
  c[0] = 0;
}
