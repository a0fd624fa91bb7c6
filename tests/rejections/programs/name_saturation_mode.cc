// expect: clip
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::set_saturation(aie::saturation_mode::clip);  // <- here
  c[0] = a[0];
}
