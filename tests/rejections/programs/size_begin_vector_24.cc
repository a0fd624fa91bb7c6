// expect: power of two
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto it = aie::begin_vector<24>(a);
  c[0] = aie::reduce_add(*it);  // <- here
}
