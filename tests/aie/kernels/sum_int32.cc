// Sum over a buffer: lanes first, then one reduction.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sum_int32(int32_t *__restrict in, int32_t *__restrict out) {
  aie::vector<int32, 16> total = aie::zeros<int32, 16>();
  for (int i = 0; i < 256; i += 16) total = aie::add(total, aie::load_v<16>(in + i));
  out[0] = aie::reduce_add(total);
}
