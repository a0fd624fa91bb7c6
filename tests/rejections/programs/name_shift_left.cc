// expect: shift_left; upshift
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::shift_left(aie::load_v<32>(a), 2));  // <- here
}
