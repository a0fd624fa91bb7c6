// expect: different sizes; number of elements
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto f = [&](auto x) {
    return aie::sub(x, aie::load_v<32>(b));  // <- here
  };
  aie::store_v(c, f(aie::load_v<16>(a)));
}
