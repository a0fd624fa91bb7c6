#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

alignas(32) static const int32_t table[16] = {};

void k(int32_t *__restrict a, int32_t *__restrict c) {
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 16) {
    v32int16 low, high;
    load_lut_2x_int16(table, table, *(v16int32 *)(a + i) & 7, low, high);
    *(v32int16 *)(c + i) = shuffle(low, high, T32_16x2_lo);
  }
}
