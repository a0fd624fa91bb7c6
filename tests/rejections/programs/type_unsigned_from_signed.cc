// expect: different element types; uint16_t
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<uint16_t, 32> v = aie::load_v<32>(a);  // <- here
  aie::store_v((uint16_t *)c, v);
}
