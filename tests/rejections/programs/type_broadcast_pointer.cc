// expect: does not satisfy; Elem
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::broadcast<int16_t *, 16>(a);  // <- here
  c[0] = 0;
}
