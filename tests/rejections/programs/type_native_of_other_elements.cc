// expect: no viable conversion
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  v32int16 n = *(v32int16 *)a;
  aie::vector<int8_t, 64> v = n;  // <- here
  aie::store_v((int8_t *)c, v);
}
