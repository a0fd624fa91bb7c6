// Sums and differences that stay in range, signed and unsigned.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void saturating_int8(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict sum, int8_t *__restrict less, uint8_t *__restrict usum) {
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 128; i += 32) {
    auto x = aie::load_v<32>(a + i), y = aie::load_v<32>(b + i);
    aie::store_v(sum + i, aie::saturating_add(x, y));
    aie::store_v(less + i, aie::saturating_sub(x, y));
    aie::store_v(usum + i, aie::saturating_add(x.cast_to<uint8>(), y.cast_to<uint8>()));
  }
}
