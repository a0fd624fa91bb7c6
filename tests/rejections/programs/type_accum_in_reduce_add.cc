// expect: an accumulator is not a vector; to_vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  c[0] = aie::reduce_add(aie::mul(x, x));  // <- here
}
