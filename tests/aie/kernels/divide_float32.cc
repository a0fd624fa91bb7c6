// Quotients of lanes and of a scalar, left in accumulators.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void divide_float32(float *__restrict a, float *__restrict b, float *__restrict out, float *__restrict third) {
  for (int i = 0; i < 32; i += 16) {
    auto x = aie::load_v<16>(a + i);
    aie::store_v(out + i, aie::div(x, aie::load_v<16>(b + i)).to_vector<float>());
    aie::store_v(third + i, aie::div(x, 3.0f).to_vector<float>());
  }
}
