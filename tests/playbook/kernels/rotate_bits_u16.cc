/*
 * Rotate and mix bits.
 * N = 512
 * at least: 8
 * >>> rotate_bits_u16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static inline uint16_t rotl(uint16_t v, int by) { return (uint16_t)((v << by) | (v >> (16 - by))); }
void rotate_bits_u16(uint16_t *in, uint16_t *out) {
  for (int i = 0; i < 512; ++i) out[i] = rotl(in[i], 5) ^ 0x0ff0;
}
