// expect: tanh
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::store_v(c, aie::tanh<bfloat16>(aie::accum<accfloat, 16>(aie::load_v<16>(a))));  // <- here
}
