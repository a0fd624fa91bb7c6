// Activation to 8 bits with a scale; and back to bfloat16.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void quantise_bf16(bfloat16 *__restrict in, int16_t *__restrict out, bfloat16 *__restrict back) {
  for (int i = 0; i < 128; i += 32) {
    auto scaled = aie::mul(aie::load_v<32>(in + i), (bfloat16)16.0f).to_vector<bfloat16>();
    aie::vector<int16, 32> q = aie::to_fixed<int16>(scaled, 0);
    aie::store_v(out + i, q);
    aie::store_v(back + i, aie::to_float<bfloat16>(q, 4));
  }
}
