// Both orders of float32 lanes, and sums and products of them.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void minmax_float32(float *__restrict a, float *__restrict b, float *__restrict top, float *__restrict low, float *__restrict sum, float *__restrict product) {
  for (int i = 0; i < 64; i += 16) {
    aie::vector<float, 16> x = aie::load_v<16>(a + i), y = aie::load_v<16>(b + i);
    aie::store_v(top + i, aie::max(x, y));
    aie::store_v(low + i, aie::min(x, y));
    aie::store_v(sum + i, aie::add(x, y));
    aie::accum<accfloat, 16> z = aie::mul(x, y);
    aie::store_v(product + i, z.to_vector<float>());
  }
}
