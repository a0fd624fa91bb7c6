/*
 * a size: 256
 * b size: 256
 * out size: 256
 * at least: 4
 * >>> shift_by_element_u16([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void shift_by_element_u16(uint16_t *a, uint16_t *b, uint16_t *out) {
  for (int i = 0; i < 256; ++i) out[i] = (uint16_t)(a[i] << (b[i] & 7));
}
