/*
 * Leaky relu through a helper template.
 * N = 256
 * at least: 8
 * >>> leaky_bf16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

template <typename T> static inline T leaky(T v, float slope) {
  if ((float)v >= 0.0f) return v;
  return (T)((float)v * slope);
}
void leaky_bf16(bfloat16 *in, bfloat16 *out) {
  for (unsigned i = 0; i < 256; i++) out[i] = leaky<bfloat16>(in[i], 0.125f);
}
