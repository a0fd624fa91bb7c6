// Arithmetic and comparison operators without a using-directive.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void operators_int32(int32_t *__restrict a, int32_t *__restrict b, int32_t *__restrict out, int32_t *__restrict chosen) {
  for (int i = 0; i < 64; i += 16) {
    auto x = aie::load_v<16>(a + i), y = aie::load_v<16>(b + i);
    auto r = x + y - 3;
    r += y;
    r -= x;
    aie::store_v(out + i, -r);
    aie::mask<16> m = (x < y) | (x == y);
    aie::mask<16> n = (x >= y) & (x != y);
    aie::store_v(chosen + i, aie::select(aie::select(x, y, m), r, n & (x > 0) & (y <= 100)));
  }
}
