#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  for (int i = 0; i < 992; i += 16)
    aie::store_v(c + i, aie::load_unaligned_v<16>(a + i + 1));
}
