// Blocked 16 x 32 times 32 x 16, tiles in memory, 4 x 8 x 8.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_int8(int8_t *__restrict a, int8_t *__restrict b, int32_t *__restrict c) {
  using MMUL = aie::mmul<4, 8, 8, int8, int8>;
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < 2; j++) {
      MMUL m;
      for (int k = 0; k < 4; k++) chess_prepare_for_pipelining {
        auto x = aie::load_v<MMUL::size_A>(a + (i * 4 + k) * MMUL::size_A);
        auto y = aie::load_v<MMUL::size_B>(b + (k * 2 + j) * MMUL::size_B);
        if (k == 0) m.mul(x, y); else m.mac(x, y);
      }
      aie::store_v(c + (i * 2 + j) * MMUL::size_C, m.to_vector<int32>());
    }
}
