// Mean of neighbouring pairs.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void avgpool_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  for (int i = 0; i < 256; i += 32) {
    auto a = aie::load_v<16>(in + i), b = aie::load_v<16>(in + i + 16);
    auto [x, y] = aie::interleave_unzip(a, b, 1);
    aie::accum<accfloat, 16> acc = aie::mul(x, (bfloat16)0.5f);
    acc = aie::mac(acc, y, (bfloat16)0.5f);
    aie::store_v(out + i / 2, acc.to_vector<bfloat16>());
  }
}
