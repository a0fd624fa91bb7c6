#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  for (int i = 0; i < 1024; i += 32) {
    auto [l, h] = aie::interleave_zip(aie::load_v<32>(a + i), aie::load_v<32>(b + i), 1);
    auto [m, n] = aie::interleave_zip(l, h, 2);
    aie::store_v(c + i, aie::add(m, n));
  }
}
