// Sign bits, in every lane count of the element.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void abs_neg_bf16(bfloat16 *__restrict in, bfloat16 *__restrict magnitude, bfloat16 *__restrict negative) {
  for (int i = 0; i < 128; i += 64) {
    auto v = aie::load_v<64>(in + i);
    aie::store_v(magnitude + i, aie::abs(v));
    for (int j = 0; j < 64; j += 8) aie::store_v(negative + i + j, aie::neg(aie::load_v<8>(in + i + j)));
  }
}
