// One of two constants for each element.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void threshold_int8(int8_t *__restrict in, int8_t *__restrict out, int8_t limit) {
  auto high = aie::broadcast<int8, 64>(100), low = aie::broadcast<int8, 64>(-100);
  for (int i = 0; i < 256; i += 64) {
    aie::vector<int8, 64> v = aie::load_v<64>(in + i);
    auto above = aie::ge(v, limit);
    aie::store_v(out + i, aie::select(low, high, above));
  }
}
