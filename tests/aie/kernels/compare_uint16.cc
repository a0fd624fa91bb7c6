// Every comparison, as counts of lanes.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void compare_uint16(uint16_t *__restrict a, uint16_t *__restrict b, int32_t *__restrict counts) {
  auto x = aie::load_v<32>(a), y = aie::load_v<32>(b);
  counts[0] = aie::lt(x, y).count();
  counts[1] = aie::le(x, y).count();
  counts[2] = aie::gt(x, y).count();
  counts[3] = aie::ge(x, y).count();
  counts[4] = aie::eq(x, y).count();
  counts[5] = aie::neq(x, y).count();
  counts[6] = aie::lt(x, (uint16_t)1000).count();
  counts[7] = aie::le((uint16_t)1000, x).count();
}
