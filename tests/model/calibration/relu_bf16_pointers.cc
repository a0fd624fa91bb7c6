#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(bfloat16 *__restrict a, bfloat16 *__restrict c) {
  v32bfloat16 *from = (v32bfloat16 *)a, *to = (v32bfloat16 *)c;
  const v32bfloat16 zero = broadcast_zero_bfloat16();
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 32; i++) *to++ = max(*from++, zero);
}
