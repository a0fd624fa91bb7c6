// Dot product with one accumulator.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dot_int8(int8_t *__restrict a, int8_t *__restrict b, int32_t *__restrict out) {
  aie::accum<acc32, 32> acc = aie::zeros<acc32, 32>();
  for (int i = 0; i < 512; i += 32) chess_prepare_for_pipelining chess_loop_range(16, 16) {
    acc = aie::mac(acc, aie::load_v<32>(a + i), aie::load_v<32>(b + i));
  }
  *out = aie::reduce_add(acc.to_vector<int32>());
}
