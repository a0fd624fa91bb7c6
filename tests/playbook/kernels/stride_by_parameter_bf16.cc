/*
 * >>> stride_by_parameter_bf16([1, 2], 2)
 * x size: 256
 * y size: 128
 * stride: 2
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void stride_by_parameter_bf16(bfloat16 *x, bfloat16 *y, int32_t stride) {
  int count = 256 / stride;
  for (int i = 0; i < count; i++) y[i] = x[i * stride];
}
