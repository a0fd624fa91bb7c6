/*
 * a size: 512
 * b size: 512
 * out size: 512
 * at least: 8
 * >>> sat_add_branches_i16([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static int16_t sat(int32_t v) {
  if (v > 32767) { return 32767; }
  if (v < -32768) { return -32768; }
  return static_cast<int16_t>(v);
}
void sat_add_branches_i16(int16_t *a, int16_t *b, int16_t *out) {
  for (unsigned i = 0u; i != 512u; i += 1) out[i] = sat(int32_t(a[i]) + int32_t(b[i]));
}
