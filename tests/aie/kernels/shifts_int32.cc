// Shifts of lanes up and down, arithmetic and logical.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void shifts_int32(int32_t *__restrict in, int32_t *__restrict up, int32_t *__restrict down, int32_t *__restrict logical) {
  aie::set_rounding(aie::rounding_mode::floor);
  for (int i = 0; i < 64; i += 16) {
    aie::vector<int32, 16> v = aie::load_v<16>(in + i);
    aie::store_v(up + i, aie::upshift(v, 3));
    aie::store_v(down + i, aie::downshift(v, 5) + (v >> 1) + (v << 2));
    aie::store_v(logical + i, aie::logical_downshift(v, 7));
  }
}
