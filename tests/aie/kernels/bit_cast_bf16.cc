// Sign and exponent taken out of bfloat16 as integers.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void bit_cast_bf16(bfloat16 *__restrict in, uint16_t *__restrict exponent, bfloat16 *__restrict flipped) {
  for (int i = 0; i < 128; i += 32) {
    aie::vector<bfloat16, 32> v = aie::load_v<32>(in + i);
    auto bits = v.cast_to<uint16>();
    aie::store_v(exponent + i, aie::logical_downshift(aie::bit_and(bits, (uint16)0x7f80), 7));
    aie::store_v(flipped + i, aie::vector_cast<bfloat16>(aie::bit_xor(bits, (uint16)0x8000)));
  }
}
