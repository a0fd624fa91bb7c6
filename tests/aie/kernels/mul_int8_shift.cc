// Products in an accumulator, shifted down into the element type.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_int8_shift(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict out) {
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 256; i += 32) {
    aie::vector<int8, 32> x = aie::load_v<32>(a + i), y = aie::load_v<32>(b + i);
    aie::accum<acc32, 32> acc = aie::mul(x, y);
    aie::store_v(out + i, acc.to_vector<int8>(4));
  }
}
