// Five taps, kept in a vector and broadcast by element.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv1d_bf16(bfloat16 *__restrict in, bfloat16 *__restrict taps, bfloat16 *__restrict out) {
  aie::vector<bfloat16, 16> w = aie::load_v<16>(taps);
  for (int i = 0; i < 64; i += 16) {
    auto acc = aie::mul(aie::load_unaligned_v<16>(in + i), w.get(0));
    for (int k = 1; k < 5; k++) acc = aie::mac(acc, aie::load_unaligned_v<16>(in + i + k), w.get(k));
    aie::store_v(out + i, acc.to_vector<bfloat16>());
  }
}
