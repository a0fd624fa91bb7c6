// Squares, and squares accumulated.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void squares_bf16(bfloat16 *__restrict a, bfloat16 *__restrict one, float *__restrict sum) {
  aie::accum<accfloat, 16> total = aie::zeros<accfloat, 16>();
  for (int i = 0; i < 256; i += 16) {
    auto v = aie::load_v<16>(a + i);
    aie::store_v(one + i, aie::mul_square(v).to_vector<bfloat16>());
    total = aie::mac_square(total, v);
  }
  aie::store_v(sum, total.to_vector<float>());
}
