// expect: more elements
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 8> v{1, 2, 3, 4, 5, 6, 7, 8, 9};  // <- here
  aie::store_v(c, v);
}
