// Bias minus product, with a rounding shift.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void msc_int16(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict bias, int16_t *__restrict out) {
  aie::set_saturation(aie::saturation_mode::symmetric);
  for (int i = 0; i < 128; i += 32) {
    aie::accum<acc32, 32> acc(aie::load_v<32>(bias + i), 6);
    acc = aie::msc(acc, aie::load_v<32>(a + i), aie::load_v<32>(b + i));
    aie::store_v(out + i, acc.to_vector<int16>(6));
  }
}
