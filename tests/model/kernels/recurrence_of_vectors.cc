#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b) {
  auto x = aie::load_v<16>(b);
  for (int i = 0; i < 1024; i += 16) aie::store_v(a + i + 32, aie::add(aie::load_v<16>(a + i), x));
}
