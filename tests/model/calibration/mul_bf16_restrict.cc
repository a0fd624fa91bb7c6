#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 16)
    aie::store_v(c + i, aie::mul(aie::load_v<16>(a + i), aie::load_v<16>(b + i)).to_vector<bfloat16>());
}
