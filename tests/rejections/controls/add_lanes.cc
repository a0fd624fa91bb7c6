// Both operands have 32 lanes of one type.
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  for (int i = 0; i < 64; i += 32) {
    aie::vector<int16_t, 32> x = aie::load_v<32>(a + i);
    aie::vector<int16_t, 32> y = aie::load_v<32>(b + i);
    aie::store_v(c + i, aie::add(x, y));
    aie::store_v(c + i, x + y);
  }
}
