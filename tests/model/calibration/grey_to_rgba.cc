#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(uint8_t *__restrict a, uint8_t *__restrict c) {
  const v64uint8 full = broadcast_u8(255);
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1920; i += 32) {
    v64uint8 y = set_v64uint8(0, *(v32uint8 *)(a + i));
    v32uint16 grey = (v32uint16)shuffle(y, y, INTLV_lo_8o16), last = (v32uint16)shuffle(y, full, INTLV_lo_8o16);
    *(v64uint8 *)(c + 4 * i) = (v64uint8)shuffle(grey, last, INTLV_lo_16o32);
    *(v64uint8 *)(c + 4 * i + 64) = (v64uint8)shuffle(grey, last, INTLV_hi_16o32);
  }
}
