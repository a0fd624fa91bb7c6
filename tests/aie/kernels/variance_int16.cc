// Sum of squared distances from a mean, 64-bit accumulation.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void variance_int16(int16_t *__restrict in, int32_t *__restrict out, int16_t mean) {
  auto m = aie::broadcast<int16, 16>(mean);
  aie::accum<acc64, 16> acc = aie::zeros<acc64, 16>();
  for (int i = 0; i < 128; i += 16) acc = aie::mac_square(acc, aie::sub(aie::load_v<16>(in + i), m));
  aie::store_v(out, acc.to_vector<int32>(7));
}
