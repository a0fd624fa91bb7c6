// An accumulator reaches memory through to_vector.
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<acc32, 32> acc = aie::zeros<acc32, 32>();
  for (int i = 0; i < 64; i += 32)
    acc = aie::mac(acc, aie::load_v<32>(a + i), aie::load_v<32>(b + i));
  acc = aie::add(acc, aie::mul(aie::load_v<32>(a), int16_t(3)));
  aie::store_v(c, acc.to_vector<int16_t>(4));
}
