// Magnitude and negation; the lowest value has neither.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void abs_neg_int16(int16_t *__restrict in, int16_t *__restrict magnitude, int16_t *__restrict negative) {
  for (int i = 0; i < 128; i += 16) {
    auto v = aie::load_v<16>(in + i);
    aie::store_v(magnitude + i, aie::abs(v));
    aie::store_v(negative + i, aie::neg(v));
  }
}
