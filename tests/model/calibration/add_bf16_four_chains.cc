#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  for (int i = 0; i < 1024; i += 64) {
    auto x0 = aie::load_v<16>(a + i), x1 = aie::load_v<16>(a + i + 16);
    auto x2 = aie::load_v<16>(a + i + 32), x3 = aie::load_v<16>(a + i + 48);
    auto y0 = aie::load_v<16>(b + i), y1 = aie::load_v<16>(b + i + 16);
    auto y2 = aie::load_v<16>(b + i + 32), y3 = aie::load_v<16>(b + i + 48);
    aie::store_v(c + i, aie::add(x0, y0));
    aie::store_v(c + i + 16, aie::add(x1, y1));
    aie::store_v(c + i + 32, aie::add(x2, y2));
    aie::store_v(c + i + 48, aie::add(x3, y3));
  }
}
