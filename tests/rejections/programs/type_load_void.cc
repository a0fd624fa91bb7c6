// expect: no matching function; load_v; void
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  const void *p = a;
  auto v = aie::load_v<32>(p);  // <- here
  c[0] = 1;
}
