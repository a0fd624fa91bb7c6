// expect: abs_diff; use aie::sub(aie::max(a, b), aie::min(a, b))
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::abs_diff(aie::load_v<32>(a), aie::load_v<32>(b)));  // <- here
}
