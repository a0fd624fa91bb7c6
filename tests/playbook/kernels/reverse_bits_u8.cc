/*
 * Reverse the bits of a byte.
 * N = 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void reverse_bits_u8(uint8_t *in, uint8_t *out) {
  for (int i = 0; i < 256; ++i) {
    uint8_t b = in[i];
    b = (uint8_t)((b & 0xF0) >> 4 | (b & 0x0F) << 4);
    b = (uint8_t)((b & 0xCC) >> 2 | (b & 0x33) << 2);
    b = (uint8_t)((b & 0xAA) >> 1 | (b & 0x55) << 1);
    out[i] = b;
  }
}
