#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  for (int i = 0; i < 2048; i += 64) aie::store_v(c + i, aie::load_v<64>(a + i));
}
