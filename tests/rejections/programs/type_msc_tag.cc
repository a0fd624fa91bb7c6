// expect: acc64
// interface: int32
#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *b, int32_t *c) {
  auto acc = aie::zeros<acc32, 16>();
  acc = aie::msc(acc, aie::load_v<16>(a), aie::load_v<16>(b));  // <- here
  c[0] = a[0];
}
