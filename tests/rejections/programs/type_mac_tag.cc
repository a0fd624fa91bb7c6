// expect: accfloat
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto acc = aie::zeros<acc32, 16>();
  acc = aie::mac(acc, aie::load_v<16>(a), aie::load_v<16>(b));  // <- here
  c[0] = a[0];
}
