#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  aie::vector<int16_t, 32> x[13];
  for (int j = 0; j < 13; j++) x[j] = aie::load_v<32>(b + 32 * j);
  for (int i = 0; i < 1024; i += 32) {
    auto y = aie::load_v<32>(a + i);
    for (int j = 0; j < 13; j++) y = aie::add(y, x[j]);
    aie::store_v(c + i, y);
  }
}
