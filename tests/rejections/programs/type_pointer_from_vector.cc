// expect: no viable conversion
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  int16_t *p = aie::load_v<32>(a);  // <- here
  c[0] = p[0];
}
