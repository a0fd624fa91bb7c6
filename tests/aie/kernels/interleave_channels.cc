// Two planes into pairs and back.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void interleave_channels(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict both, int16_t *__restrict left, int16_t *__restrict right) {
  for (int i = 0; i < 128; i += 32) {
    auto [low, high] = aie::interleave_zip(aie::load_v<32>(a + i), aie::load_v<32>(b + i), 1);
    aie::store_v(both + 2 * i, low);
    aie::store_v(both + 2 * i + 32, high);
    auto pair = aie::interleave_unzip(low, high, 1);
    aie::store_v(left + i, pair.first);
    aie::store_v(right + i, pair.second);
  }
}
