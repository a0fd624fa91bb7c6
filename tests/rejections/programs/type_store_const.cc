// expect: read-only
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  const int16_t *out = c;
  aie::store_v(out, aie::load_v<32>(a));  // <- here
}
