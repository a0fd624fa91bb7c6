// expect: no matching function; mul
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::mul<int32_t>(aie::load_v<32>(a), aie::load_v<32>(b));  // <- here
  c[0] = 0;
}
