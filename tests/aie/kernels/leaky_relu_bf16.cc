// A tenth of what is negative, by mask and select.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void leaky_relu_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  const bfloat16 slope = (bfloat16)0.1f;
  for (int i = 0; i < 256; i += 16) {
    aie::vector<bfloat16, 16> v = aie::load_v<16>(in + i);
    aie::vector<bfloat16, 16> scaled = aie::mul(v, slope).to_vector<bfloat16>();
    aie::mask<16> positive = aie::gt(v, (bfloat16)0.0f);
    aie::store_v(out + i, aie::select(scaled, v, positive));
  }
}
