// Three taps by shifting lanes across neighbouring vectors.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv_shuffle_int16(int16_t *__restrict in, int16_t *__restrict out) {
  aie::vector<int16, 32> before = aie::zeros<int16, 32>(), here = aie::load_v<32>(in);
  for (int i = 0; i < 128; i += 32) {
    aie::vector<int16, 32> after = i + 32 < 128 ? aie::load_v<32>(in + i + 32) : aie::zeros<int16, 32>();
    auto left = aie::shuffle_up_fill(here, before, 1), right = aie::shuffle_down_fill(here, after, 1);
    auto acc = aie::mac(aie::mul(left, (int16_t)1), here, (int16_t)2);
    acc = aie::mac(acc, right, (int16_t)1);
    aie::store_v(out + i, acc.to_vector<int16>(2));
    before = here;
    here = after;
  }
}
