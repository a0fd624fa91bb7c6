// expect: 16 or 32 indices at a time
#include <aie_api/aie.hpp>
alignas(32) static const int16_t t[32] = {};

void k(int16_t *a, int16_t *b, int16_t *c) {
  using L = aie::lut<4, int16>;
  aie::parallel_lookup<int16, L> f(L(16, t, t), 0, 8);
  aie::store_v(c, f.fetch(aie::load_v<64>(a)));  // <- here
}
