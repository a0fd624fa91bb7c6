// The same operators with the namespace the manual names.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

using namespace aie::operators;
void operators_using(uint16_t *__restrict a, uint16_t *__restrict b, uint16_t *__restrict out) {
  for (int i = 0; i < 128; i += 32) {
    aie::vector<uint16, 32> x = aie::load_v<32>(a + i), y = aie::load_v<32>(b + i);
    auto r = (x & y) | (x ^ y);
    r = r ^ (~x & y);
    r ^= x << 2;
    r &= y | (x >> 3);
    aie::store_v(out + i, r);
  }
}
