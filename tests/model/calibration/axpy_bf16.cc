#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(bfloat16 *__restrict x, bfloat16 *__restrict y, bfloat16 *__restrict c, bfloat16 s) {
  const auto scale = aie::broadcast<bfloat16, 16>(s);
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 16) {
    aie::accum<accfloat, 16> sum(aie::load_v<16>(y + i));
    aie::store_v(c + i, aie::mac(sum, aie::load_v<16>(x + i), scale).to_vector<bfloat16>());
  }
}
