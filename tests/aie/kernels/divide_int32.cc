// Integer division lane by lane; quotients of bfloat16 come from inverses.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void divide_int32(int32_t *__restrict a, int32_t *__restrict b, int32_t *__restrict out) {
  for (int i = 0; i < 32; i += 16) {
    auto divisor = aie::max(aie::abs(aie::load_v<16>(b + i)), 1);
    aie::store_v(out + i, aie::div(aie::load_v<16>(a + i), divisor));
  }
}
