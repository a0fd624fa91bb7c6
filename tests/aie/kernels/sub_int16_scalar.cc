// Vector minus scalar and scalar minus vector.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sub_int16_scalar(int16_t *__restrict a, int16_t *__restrict down, int16_t *__restrict up, int16_t s) {
  AIE_PREPARE_FOR_PIPELINING
  AIE_LOOP_MIN_ITERATION_COUNT(4)
  for (unsigned i = 0; i < 256; i += 32) {
    aie::vector<int16, 32> v = aie::load_v<32>(a + i);
    aie::store_v(down + i, aie::sub(v, s));
    aie::store_v(up + i, aie::sub(s, v));
  }
}
