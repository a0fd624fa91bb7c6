// Accumulators added, negated, split, joined and extended by vectors.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void accumulators_mixed(int16_t *__restrict a, int16_t *__restrict b, int32_t *__restrict out) {
  aie::accum<acc32, 16> x = aie::mul(aie::load_v<16>(a), (int16_t)3), y = aie::mul(aie::load_v<16>(b), (int16_t)-2);
  aie::accum<acc32, 32> both = aie::concat(x, y);
  both = aie::add(both, aie::load_v<32>(a));
  both = aie::sub(both, aie::load_v<32>(b));
  aie::accum<acc32, 32> swapped = aie::concat(both.extract<16>(1), both.extract<16>(0));
  swapped.insert(0, aie::neg(both.extract<16>(0)));
  aie::store_v(out, aie::add(both, swapped).to_vector<int32>());
}
