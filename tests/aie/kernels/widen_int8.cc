// 8 bits to 16 and 32, signed and unsigned.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void widen_int8(int8_t *__restrict a, uint8_t *__restrict b, int16_t *__restrict wide, uint16_t *__restrict uwide, int32_t *__restrict wider) {
  for (int i = 0; i < 128; i += 32) {
    auto x = aie::load_v<32>(a + i);
    aie::store_v(wide + i, x.unpack());
    aie::store_v(uwide + i, aie::unpack(aie::load_v<32>(b + i)));
    aie::store_v(wider + i, x.unpack().unpack());
  }
}
