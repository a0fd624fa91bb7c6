// Products with a literal and with a parameter; 32-bit results.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_int16_scalar(int16_t *__restrict a, int32_t *__restrict out, int16_t *__restrict low, int16_t s) {
  for (int i = 0; i < 128; i += 32) {
    auto v = aie::load_v<32>(a + i);
    aie::store_v(out + i, aie::mul(v, s).to_vector<int32>());
    aie::store_v(low + i, aie::mul((int16_t)3, v).to_vector<int16>());
  }
}
