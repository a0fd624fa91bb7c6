// expect: an unsigned index has no bias
#include <aie_api/aie.hpp>
alignas(32) static const int16_t t[32] = {};

void k(int16_t *a, int16_t *b, int16_t *c) {
  using L = aie::lut<4, int16>;
  aie::parallel_lookup<uint16, L> f(L(16, t, t), 0, 8);  // <- here
  aie::store_v(c, f.fetch(aie::load_v<32>(a)));
}
