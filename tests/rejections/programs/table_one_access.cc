// expect: four values at once; lut<4
#include <aie_api/aie.hpp>
static const int16_t t[16] = {};

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::parallel_lookup<int16, aie::lut<2, int16>> f(aie::lut<2, int16>(16, t));  // <- here
  aie::store_v(c, f.fetch(aie::load_v<32>(a)));
}
