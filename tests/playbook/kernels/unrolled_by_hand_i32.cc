/*
 * a size: 256
 * b size: 256
 * out size: 256
 * at least: 4
 * >>> unrolled_by_hand_i32([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void unrolled_by_hand_i32(int32_t *a, int32_t *b, int32_t *out) {
  for (int i = 0; i < 256; i += 4) {
    out[i] = a[i] - b[i];
    out[i + 1] = a[i + 1] - b[i + 1];
    out[i + 2] = a[i + 2] - b[i + 2];
    out[i + 3] = a[i + 3] - b[i + 3];
  }
}
