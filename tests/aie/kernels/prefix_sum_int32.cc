// Inclusive sums by doubling shifts, carried across vectors.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void prefix_sum_int32(int32_t *__restrict in, int32_t *__restrict out) {
  aie::vector<int32, 16> zero = aie::zeros<int32, 16>();
  int carry = 0;
  for (int i = 0; i < 64; i += 16) {
    aie::vector<int32, 16> v = aie::load_v<16>(in + i);
    v = aie::add(v, aie::shuffle_up_fill(v, zero, 1));
    v = aie::add(v, aie::shuffle_up_fill(v, zero, 2));
    v = aie::add(v, aie::shuffle_up_fill(v, zero, 4));
    v = aie::add(v, aie::shuffle_up_fill(v, zero, 8));
    v = aie::add(v, carry);
    carry = v.get(15);
    aie::store_v(out + i, v);
  }
}
