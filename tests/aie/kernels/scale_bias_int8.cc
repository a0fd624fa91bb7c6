// Requantisation: bias up, product in, shift down with rounding and saturation.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void scale_bias_int8(int8_t *__restrict in, int8_t *__restrict bias, int8_t *__restrict out, int8_t scale) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::set_saturation(aie::saturation_mode::saturate);
  aie::vector<int8_t, 32> s = aie::broadcast<int8_t, 32>(scale);
  for (int i = 0; i < 128; i += 32) {
    aie::accum<acc32, 32> acc;
    acc.from_vector(aie::load_v<32>(bias + i), 5);
    acc = aie::mac(acc, aie::load_v<32>(in + i), s);
    aie::store_v(out + i, acc.to_vector<int8_t>(6));
  }
  aie::set_saturation(aie::saturation_mode::none);
}
