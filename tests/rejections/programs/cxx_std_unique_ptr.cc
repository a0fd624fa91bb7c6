// expect: make_unique; standard library
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto t = std::make_unique<int16_t[]>(32);  // <- here
  c[0] = t[0];
}
