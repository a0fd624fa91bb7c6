/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> annotated_i16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void annotated_i16(int16_t *x, int16_t *y) {
  for (int i = 0; i < 256; i++) chess_prepare_for_pipelining chess_loop_range(16, ) {
    y[i] = x[i] - 3;
  }
}
