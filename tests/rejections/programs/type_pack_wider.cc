// expect: pack; not narrower
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a).pack<int32_t>();  // <- here
  c[0] = v[0];
}
