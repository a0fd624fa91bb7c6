// 32 bits to 8 and 16 through a 64-bit accumulator.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void requantise_int32(int32_t *__restrict in, int8_t *__restrict out, uint16_t *__restrict wide, int32_t shift) {
  aie::set_rounding(aie::rounding_mode::symmetric_inf);
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 64; i += 16) {
    aie::accum<acc64, 16> acc;
    acc.from_vector(aie::load_v<16>(in + i), 0);
    aie::store_v(out + i, acc.to_vector<int8>(shift));
    aie::store_v(wide + i, acc.to_vector<uint16>(shift - 4));
  }
}
