// expect: different sizes; number of elements
#include <aie_api/aie.hpp>

template <class V, class W>
static auto both(const V &x, const W &y) {
  return aie::add(x, y);  // <- here
}

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, both(aie::load_v<16>(a), aie::load_v<32>(b)));
}
