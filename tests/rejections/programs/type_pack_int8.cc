// expect: pack
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  auto v = aie::load_v<32>(a).pack();  // <- here
  c[0] = a[0];
}
