// Running extremes, then their reductions; the position through a mask.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void max_min_int8(int8_t *__restrict in, int8_t *__restrict out) {
  aie::vector<int8, 64> top = aie::load_v<64>(in), low = top;
  for (int i = 64; i < 512; i += 64) {
    auto v = aie::load_v<64>(in + i);
    top = aie::max(top, v);
    low = aie::min(low, v);
  }
  out[0] = aie::reduce_max(top);
  out[1] = aie::reduce_min(low);
}
