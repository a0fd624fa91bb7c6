// expect: power of two
// interface: int32
#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *b, int32_t *c) {
  aie::vector<int32_t, 0> v;  // <- here
  c[0] = a[0];
}
