#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

alignas(32) static const uint16_t whole_ab[512] = {};
alignas(32) static const uint16_t whole_cd[512] = {};
alignas(32) static const uint16_t rest_ab[512] = {};
alignas(32) static const uint16_t rest_cd[512] = {};

static inline aie::vector<bfloat16, 16> looked_up(const void *ab, const void *cd, v16int32 offsets) {
  v64int8 low, high;
  load_lut_2x_int8(ab, cd, offsets, low, high);
  aie::vector<int8, 64> found = shuffle(low, high, T16_16x4_lo);
  return found.cast_to<bfloat16>().extract<16>(0);
}

static inline aie::accum<accfloat, 16> exponential(aie::vector<bfloat16, 16> x) {
  x = aie::min(aie::max(x, bfloat16(-88.0f)), bfloat16(88.0f));
  v16int32 whole = band(bfloat16_to_int(x, 2), broadcast_s32(1023)), rest = band(bfloat16_to_int(x, 10), broadcast_s32(1023));
  return aie::mul(looked_up(whole_ab, whole_cd, whole), looked_up(rest_ab, rest_cd, rest));
}

void k(bfloat16 *a, bfloat16 *c) {
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1024; i += 16) aie::store_v(c + i, exponential(aie::load_v<16>(a + i)).to_vector<bfloat16>());
}
