// First position of the largest value.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void argmax_int16(int16_t *__restrict in, int32_t *__restrict out) {
  int16_t best = -32768;
  int at = 0;
  for (int i = 0; i < 256; i += 32) {
    auto v = aie::load_v<32>(in + i);
    int16_t top = aie::reduce_max(v);
    if (top > best) {
      best = top;
      auto m = aie::eq(v, top);
      int j = 0;
      while (!m.test(j)) j++;
      at = i + j;
    }
  }
  out[0] = at;
  out[1] = best;
}
