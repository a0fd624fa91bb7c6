// Largest of neighbouring pairs, by filtering lanes.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void maxpool_int8(int8_t *__restrict in, int8_t *__restrict out) {
  for (int i = 0; i < 256; i += 64) {
    auto v = aie::load_v<64>(in + i);
    aie::store_v(out + i / 2, aie::max(aie::filter_even(v), aie::filter_odd(v)));
  }
}
