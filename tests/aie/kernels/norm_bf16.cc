// Scaling by the inverse of the root of the mean square.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void norm_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  aie::accum<accfloat, 16> squares = aie::zeros<accfloat, 16>();
  for (int i = 0; i < 256; i += 16) squares = aie::mac_square(squares, aie::load_v<16>(in + i));
  float mean = aie::reduce_add(squares.to_vector<float>()) * (1.0f / 256) + 1e-5f;
  bfloat16 scale = (bfloat16)aie::invsqrt(mean);
  for (int i = 0; i < 256; i += 16) aie::store_v(out + i, aie::mul(aie::load_v<16>(in + i), scale).to_vector<bfloat16>());
}
