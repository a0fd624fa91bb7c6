#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

alignas(32) static const float ab[128] = {}, cd[128] = {};  // 32 pieces of a quarter each

static inline aie::vector<bfloat16, 16> pieces(aie::vector<bfloat16, 16> x) {
  v16int32 at = bfloat16_to_int(x, 6);
  at = min(max(at, broadcast_s32(-256)), broadcast_s32(255));
  v32bfloat16 low, high;
  load_lut_2x_float(ab + 64, cd + 64, at, low, high);
  aie::vector<bfloat16, 32> behind = aie::zeros<bfloat16, 32>();
  behind.insert(1, x);
  v16accfloat offset = (v16accfloat)shuffle(low, high, T32_16x2_hi);
  return to_v16bfloat16(mac_elem_16_2(shuffle(low, high, T16_16x4_lo), behind, offset));
}

void k(bfloat16 *__restrict a, bfloat16 *__restrict c) {
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 32) {
    auto first = pieces(aie::load_v<16>(a + i)), second = pieces(aie::load_v<16>(a + i + 16));
    aie::store_v(c + i, first);
    aie::store_v(c + i + 16, second);
  }
}
