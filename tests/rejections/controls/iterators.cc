#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  auto in = aie::cbegin_vector<32>(a);
  auto out = aie::begin_restrict_vector<32>(c);
  AIE_PREPARE_FOR_PIPELINING
  for (int i = 0; i < 2; i++) {
    aie::vector<int16_t, 32> x = *in++;
    *out++ = aie::max(x, aie::load_v<32>(b + 32 * i));
  }
}
