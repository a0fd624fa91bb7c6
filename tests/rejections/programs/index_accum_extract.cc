// expect: extract; larger
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::zeros<acc32, 16>();
  auto part = acc.extract<32>(0);  // <- here
  c[0] = 0;
}
