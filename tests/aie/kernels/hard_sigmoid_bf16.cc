// Clamped line: x / 8 + 1 / 2 between 0 and 1.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void hard_sigmoid_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  aie::accum<accfloat, 16> half;
  half.from_vector(aie::broadcast<bfloat16, 16>((bfloat16)0.5f));
  auto eighth = aie::broadcast<bfloat16, 16>((bfloat16)0.125f);
  for (int i = 0; i < 256; i += 16) {
    auto line = aie::mac(half, aie::load_v<16>(in + i), eighth).to_vector<bfloat16>();
    aie::store_v(out + i, aie::min(aie::max(line, (bfloat16)0.0f), (bfloat16)1.0f));
  }
}
