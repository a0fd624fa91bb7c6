// expect: store_v; template
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v<32>(c, aie::load_v<32>(a));  // <- here
}
