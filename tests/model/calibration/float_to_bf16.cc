#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(float *__restrict a, bfloat16 *__restrict c) {
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 16) {
    aie::accum<accfloat, 16> x(aie::load_v<16>(a + i));
    aie::store_v(c + i, x.to_vector<bfloat16>());
  }
}
