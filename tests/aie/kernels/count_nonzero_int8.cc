// Lanes that are not zero, counted in masks.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void count_nonzero_int8(int8_t *__restrict in, int32_t *__restrict out) {
  int n = 0;
  for (int i = 0; i < 256; i += 64) n += aie::neq(aie::load_v<64>(in + i), (int8_t)0).count();
  out[0] = n;
}
