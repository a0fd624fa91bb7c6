// expect: unsupported element type
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<double, 8> v;  // <- here
  c[0] = (int16_t)v[0];
}
