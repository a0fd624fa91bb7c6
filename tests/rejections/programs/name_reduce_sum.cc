// expect: reduce_sum; reduce_add
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  c[0] = aie::reduce_sum(aie::load_v<32>(a));  // <- here
}
