// Both forms of a limit.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void clamp_int16(int16_t *__restrict in, int16_t *__restrict out, int16_t *__restrict same, int16_t low, int16_t high) {
  for (int i = 0; i < 128; i += 32) {
    auto v = aie::load_v<32>(in + i);
    aie::store_v(out + i, aie::clamp(v, low, high));
    aie::store_v(same + i, aie::max(aie::min(v, high), low));
  }
}
