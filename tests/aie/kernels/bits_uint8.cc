// Bitwise functions, with vectors and with scalars.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void bits_uint8(uint8_t *__restrict a, uint8_t *__restrict b, uint8_t *__restrict o_and, uint8_t *__restrict o_or, uint8_t *__restrict o_xor, uint8_t *__restrict o_not) {
  for (int i = 0; i < 128; i += 64) {
    auto x = aie::load_v<64>(a + i), y = aie::load_v<64>(b + i);
    aie::store_v(o_and + i, aie::bit_and(aie::bit_and(x, y), (uint8)0x3f));
    aie::store_v(o_or + i, aie::bit_or((uint8)0x81, aie::bit_or(x, y)));
    aie::store_v(o_xor + i, aie::bit_xor(x, y));
    aie::store_v(o_not + i, aie::bit_not(x));
  }
}
