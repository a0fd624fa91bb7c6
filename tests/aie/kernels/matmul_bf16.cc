// 8 x 16 times 16 x 8 with 2 x 2 tiles of accumulators, 4 x 8 x 4.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_bf16(bfloat16 *__restrict a, bfloat16 *__restrict b, float *__restrict c) {
  using MMUL = aie::mmul<4, 8, 4, bfloat16, bfloat16, accauto>;
  MMUL c00, c01, c10, c11;
  for (int k = 0; k < 2; k++) {
    aie::vector<bfloat16, MMUL::size_A> a0 = aie::load_v<MMUL::size_A>(a + k * 32), a1 = aie::load_v<MMUL::size_A>(a + 64 + k * 32);
    aie::vector<bfloat16, MMUL::size_B> b0 = aie::load_v<MMUL::size_B>(b + k * 64), b1 = aie::load_v<MMUL::size_B>(b + k * 64 + 32);
    c00.mac(a0, b0);
    c01.mac(a0, b1);
    c10.mac(a1, b0);
    c11.mac(a1, b1);
  }
  aie::store_v(c, c00.to_vector<float>());
  aie::store_v(c + 16, c01.to_vector<float>());
  aie::store_v(c + 32, c10.to_vector<float>());
  aie::store_v(c + 48, c11.to_vector<float>());
}
