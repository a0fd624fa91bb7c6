// Three taps on unaligned windows.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv1d_int8(int8_t *__restrict in, int8_t *__restrict taps, int8_t *__restrict out) {
  for (int i = 0; i < 128; i += 32) {
    aie::accum<acc32, 32> acc = aie::mul(aie::load_unaligned_v<32>(in + i), taps[0]);
    acc = aie::mac(acc, aie::load_unaligned_v<32>(in + i + 1), taps[1]);
    acc = aie::mac(acc, aie::load_unaligned_v<32>(in + i + 2), taps[2]);
    aie::store_v(out + i, acc.to_vector<int8>(5));
  }
}
