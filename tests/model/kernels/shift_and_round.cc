#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  for (int i = 0; i < 1024; i += 16) {
    aie::accum<acc32, 16> x(aie::load_v<16>(a + i), 4);
    auto y = x.to_vector<int16_t>(2);
    aie::store_v(c + i, aie::add(y, y));
  }
}
