// y + a x in one multiply-accumulate.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void axpy_bf16(bfloat16 *__restrict x, bfloat16 *__restrict y, bfloat16 *__restrict out, bfloat16 a) {
  aie::vector<bfloat16, 16> va = aie::broadcast<bfloat16, 16>(a);
  for (int i = 0; i < 256; i += 16) {
    aie::accum<accfloat, 16> acc;
    acc.from_vector(aie::load_v<16>(y + i));
    acc = aie::mac(acc, aie::load_v<16>(x + i), va);
    aie::store_v(out + i, acc.to_vector<bfloat16>());
  }
}
