// expect: no viable conversion
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  v16int16 n = aie::load_v<32>(a);  // <- here
  *(v16int16 *)c = n;
}
