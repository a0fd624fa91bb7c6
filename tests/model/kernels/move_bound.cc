#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  auto p = aie::load_v<16>(b), q = aie::load_v<16>(b + 16);
  for (int i = 0; i < 1024; i += 16) {
    auto y = aie::add(aie::load_v<16>(a + i), p);
    y = aie::max(y, q);
    y = aie::sub(y, p);
    aie::store_v(c + i, aie::min(y, q));
  }
}
