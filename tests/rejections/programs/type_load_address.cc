// expect: load_v; DecoratedElemBaseType
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<16>(&a);  // <- here
  c[0] = 1;
}
