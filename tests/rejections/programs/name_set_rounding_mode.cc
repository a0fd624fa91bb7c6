// expect: set_rounding_mode; aie::set_rounding
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::set_rounding_mode(aie::rounding_mode::floor);  // <- here
  c[0] = a[0];
}
