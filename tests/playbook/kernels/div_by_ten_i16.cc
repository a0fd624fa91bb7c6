/*
 * Integer quotient and remainder by constants.
 * N = 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void div_by_ten_i16(int16_t *in, int16_t *quotient, int16_t *rest) {
  for (int i = 0; i < 256; ++i) {
    quotient[i] = in[i] / 10;
    rest[i] = in[i] % 7;
  }
}
