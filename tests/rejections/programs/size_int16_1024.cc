// expect: vector size too large
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 1024> v;  // <- here
  c[0] = v[0];
}
