// Sum through iterators, dereferenced and advanced in one expression.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void add_bf16_iterators(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict out) {
  auto pa = aie::begin_vector<16>(a);
  auto pb = aie::begin_vector<16>(b);
  auto po = aie::begin_vector<16>(out);
  for (int i = 0; i < 16; i++) chess_prepare_for_pipelining {
    *po++ = aie::add(*pa++, *pb++);
  }
}
