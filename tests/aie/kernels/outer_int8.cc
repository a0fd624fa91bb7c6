// Outer product, one row for each element.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void outer_int8(int8_t *__restrict a, int8_t *__restrict b, int16_t *__restrict out) {
  auto v = aie::load_v<32>(b);
  for (int i = 0; i < 16; i++) aie::store_v(out + 32 * i, aie::mul(a[i], v).to_vector<int16>());
}
