// expect: integer accumulator
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<16>(a);
  auto v = aie::mul(x, x).to_vector<float>();  // <- here
  c[0] = a[0];
}
