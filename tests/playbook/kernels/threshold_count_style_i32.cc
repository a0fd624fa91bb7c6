/*
 * Keep what is above a threshold (a scalar), zero the rest.
 * >>> threshold_count_style_i32([1, 2], 5)
 * in size: 256
 * out size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void threshold_count_style_i32(int32_t *in, int32_t *out, int32_t limit) {
  for (int i = 0; i < 256; ++i) {
    out[i] = 0;
    if (in[i] > limit) out[i] = in[i];
  }
}
