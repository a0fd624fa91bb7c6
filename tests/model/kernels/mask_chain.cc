#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  for (int i = 0; i < 1024; i += 16) {
    auto x = aie::load_v<16>(a + i), y = aie::load_v<16>(b + i);
    auto z = aie::select(x, y, aie::lt(x, y));
    aie::store_v(c + i, aie::select(z, x, aie::ge(z, y)));
  }
}
