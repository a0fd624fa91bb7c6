// Accumulators that start from a bias, through iterators.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_bias_int16(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict bias, int16_t *__restrict c) {
  using M = aie::mmul<4, 4, 4, int16, int16>;
  auto pa = aie::cbegin_vector<16>(a);
  auto pb = aie::cbegin_vector<16>(b);
  auto pc = aie::begin_vector<16>(c);
  for (int i = 0; i < 4; i++) {
    M m(aie::load_v<16>(bias), 4);
    m.mac(*pa++, *pb++);
    *pc++ = m.to_vector<int16>(4);
  }
}
