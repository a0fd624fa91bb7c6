// A macro above the include does not reach into the header.
#define N 16
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  for (int i = 0; i < 64; i += N) aie::store_v(c + i, aie::load_v<N>(a + i));
}
