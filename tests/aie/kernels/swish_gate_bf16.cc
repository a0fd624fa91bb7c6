// Gate times value, both halves of one row, pipelined with the macros.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void swish_gate_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  AIE_LOOP_NO_UNROLL
  AIE_PREPARE_FOR_PIPELINING
  for (int i = 0; i < 64; i += 16) {
    auto gate = aie::load_v<16>(in + i), value = aie::load_v<16>(in + 64 + i);
    auto limited = aie::min(aie::max(gate, (bfloat16)-1.0f), (bfloat16)1.0f);
    aie::store_v(out + i, aie::mul(limited, value).to_vector<bfloat16>());
  }
}
