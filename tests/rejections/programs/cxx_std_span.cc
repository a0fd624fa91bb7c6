// expect: span; standard library
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  std::span<int16_t> t(a, 32);  // <- here
  c[0] = t[0];
}
