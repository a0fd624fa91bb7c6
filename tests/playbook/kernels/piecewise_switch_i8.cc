/*
 * A switch on two bits of the value.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void piecewise_switch_i8(int8_t *in, int8_t *out) {
  for (int i = 0; i < 256; ++i) {
    int v = in[i];
    switch (v & 3) {
      case 0: v = v + 1; break;
      case 1: v = -v; break;
      case 2: v = v >> 1; break;
      default: v = 7; break;
    }
    out[i] = (int8_t)v;
  }
}
