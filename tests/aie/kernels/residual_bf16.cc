// Sum of a row and its neighbour, with a copy kept on the stack.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void residual_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  alignas(aie::vector_decl_align) bfloat16 kept[64];
  for (int i = 0; i < 64; i += 16) aie::store_v(kept + i, aie::mul(aie::load_v<16>(in + i), (bfloat16)0.5f).to_vector<bfloat16>());
  auto it = aie::begin_vector<32>(kept);
  for (int i = 0; i < 64; i += 32) {
    auto v = *it++;
    v = aie::add(v, aie::load_v<32>(in + i));
    aie::store_v(out + i, v);
  }
}
