// Largest of 2 x 2 blocks of a 32-column image.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void maxpool2d_int16(int16_t *__restrict in, int16_t *__restrict out) {
  for (int y = 0; y < 8; y += 2) {
    auto rows = aie::max(aie::load_v<32>(in + 32 * y), aie::load_v<32>(in + 32 * y + 32));
    aie::store_v(out + 8 * y, aie::max(aie::filter_even(rows, 1), aie::filter_odd(rows, 1)));
  }
}
