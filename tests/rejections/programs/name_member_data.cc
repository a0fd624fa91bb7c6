// expect: no member named 'data'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  c[0] = v.data()[0];  // <- here
}
