// expect: load_aligned_v; did you mean
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::load_aligned_v<32>(a));  // <- here
}
