// Weighted sum of three interleaved channels, gathered by filters.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void grey_uint8(uint8_t *__restrict planes, uint8_t *__restrict out) {
  aie::set_rounding(aie::rounding_mode::floor);
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 64; i += 32) {
    auto acc = aie::mul(aie::load_v<32>(planes + i), (uint8_t)77);
    acc = aie::mac(acc, aie::load_v<32>(planes + 64 + i), (uint8_t)150);
    acc = aie::mac(acc, aie::load_v<32>(planes + 128 + i), (uint8_t)29);
    aie::store_v(out + i, acc.to_vector<uint8_t>(8));
  }
}
