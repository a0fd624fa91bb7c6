// Two chains of 16-bit products in 64-bit accumulators.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dot_int16_chains(int16_t *__restrict a, int16_t *__restrict b, int32_t *__restrict out) {
  aie::accum<acc64, 16> x, y;
  x = aie::mul<acc64>(aie::load_v<16>(a), aie::load_v<16>(b));
  y = aie::mul<acc64>(aie::load_v<16>(a + 16), aie::load_v<16>(b + 16));
  for (int i = 32; i < 256; i += 32) {
    x = aie::mac(x, aie::load_v<16>(a + i), aie::load_v<16>(b + i));
    y = aie::mac(y, aie::load_v<16>(a + i + 16), aie::load_v<16>(b + i + 16));
  }
  aie::store_v(out, aie::sub(x, y).to_vector<int32>(8));
  aie::store_v(out + 16, aie::add(x, y).to_vector<int32>(8));
}
