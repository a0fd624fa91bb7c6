/*
 * a size: 256
 * b size: 256
 * out size: 1
 * at least: 8
 * >>> huber_f32([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void huber_f32(float *a, float *b, float *out) {
  constexpr float delta = 1.0f;
  float loss = 0;
  for (int i = 0; i < 256; ++i) {
    float d = fabsf(a[i] - b[i]);
    if (d < delta) loss += 0.5f * d * d;
    else loss += delta * (d - 0.5f * delta);
  }
  *out = loss / 256;
}
