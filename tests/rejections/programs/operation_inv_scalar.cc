// expect: inv(float(x))
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  float s = aie::inv(256);  // <- here
  c[0] = s * a[0];
}
