// expect: mmul<5, 8, 8
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  constexpr int n = aie::mmul<5, 8, 8, int8_t, int8_t>::size_A;  // <- here
  c[0] = n;
}
