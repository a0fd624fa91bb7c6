// Absolute difference from two one-sided ones.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void difference_uint8(uint8_t *__restrict a, uint8_t *__restrict b, uint8_t *__restrict out) {
  for (int i = 0; i < 256; i += 64) {
    aie::vector<uint8, 64> x = aie::load_v<64>(a + i), y = aie::load_v<64>(b + i);
    aie::store_v(out + i, aie::add(aie::maxdiff(x, y), aie::maxdiff(y, x)));
  }
}
