// expect: accumulator and vectors have different sizes
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::zeros<acc32, 16>();
  acc = aie::mac(acc, aie::load_v<32>(a), aie::load_v<32>(b));  // <- here
  c[0] = 0;
}
