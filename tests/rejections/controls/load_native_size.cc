// The lanes of load_v may be left out: one native register of the pointer's type.
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  const int16_t *in = b;
  auto x = aie::load_v(a);
  static_assert(x.size() == 32);
  aie::store_v(c, aie::max(x, aie::load_v(in)));
}
