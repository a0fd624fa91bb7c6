// expect: power of two
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_unaligned_v<12>(a);  // <- here
  c[0] = v[0];
}
