// expect: DecoratedElemBaseType
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  double table[16] = {};
  auto v = aie::load_v<8>(table);  // <- here
  c[0] = (int16_t)v[0];
}
