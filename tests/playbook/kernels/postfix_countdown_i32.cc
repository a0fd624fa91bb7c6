/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> postfix_countdown_i32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void postfix_countdown_i32(int32_t *x, int32_t *y) {
  int n = 256;
  while (n--) {
    *y++ = *x++ + 3;
  }
}
