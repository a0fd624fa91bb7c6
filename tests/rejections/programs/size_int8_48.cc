// expect: power of two
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::vector<int8_t, 48> v;  // <- here
  c[0] = v[0];
}
