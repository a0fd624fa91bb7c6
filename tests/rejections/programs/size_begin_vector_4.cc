// expect: at least 128 bits
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto it = aie::begin_vector<4>(a);
  auto v = *it++;  // <- here
  c[0] = aie::reduce_add(aie::vector<int16_t, 4>(v));
}
