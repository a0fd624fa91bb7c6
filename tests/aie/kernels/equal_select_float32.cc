// Equal lanes kept, others from a scalar.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void equal_select_float32(float *__restrict a, float *__restrict b, float *__restrict out, float other) {
  for (int i = 0; i < 64; i += 16) {
    auto x = aie::load_v<16>(a + i), y = aie::load_v<16>(b + i);
    aie::store_v(out + i, aie::select(other, x, aie::eq(x, y)));
  }
}
