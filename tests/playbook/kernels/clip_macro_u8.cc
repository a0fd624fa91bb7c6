/*
 * Clip by a macro, counting down.
 * src size: 384
 * dst size: 384
 * at least: 8
 * >>> clip_macro_u8([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

#define LOW 30
#define CLIP(v, lo, hi) ((v) < (lo) ? (lo) : ((v) > (hi) ? (hi) : (v)))
#define COUNT 384
void clip_macro_u8(uint8_t *src, uint8_t *dst) {
  for (int n = COUNT - 1; n >= 0; --n) dst[n] = CLIP(src[n], LOW, 200);
}
