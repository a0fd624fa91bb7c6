// expect: interleave_butterfly; of the first engine; aie::interleave_zip
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto [x, y] = aie::interleave_butterfly(aie::load_v<16>(a), aie::load_v<16>(b), 4);  // <- here
  aie::store_v(c, x);
}
