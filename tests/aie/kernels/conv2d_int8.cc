// 3 x 3 taps on an image of 34 columns.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv2d_int8(int8_t *__restrict in, int8_t *__restrict taps, int32_t *__restrict out) {
  for (int y = 0; y < 4; y++) {
    aie::accum<acc32, 32> acc = aie::zeros<acc32, 32>();
    for (int r = 0; r < 3; r++) AIE_LOOP_UNROLL_FULL
      for (int c = 0; c < 3; c++) acc = aie::mac(acc, aie::load_unaligned_v<32>(in + (y + r) * 34 + c), taps[3 * r + c]);
    aie::store_v(out + 32 * y, acc.to_vector<int32>());
  }
}
