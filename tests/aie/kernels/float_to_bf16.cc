// Two ways down and the way back.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void float_to_bf16(float *__restrict in, bfloat16 *__restrict down, float *__restrict back) {
  for (int i = 0; i < 64; i += 16) {
    aie::accum<accfloat, 16> acc(aie::load_v<16>(in + i));
    aie::vector<bfloat16, 16> v = acc.to_vector<bfloat16>();
    aie::store_v(down + i, v);
    aie::accum<accfloat, 16> up(v);
    aie::store_v(back + i, up.to_vector<float>());
  }
}
