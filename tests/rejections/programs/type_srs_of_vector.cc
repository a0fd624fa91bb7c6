// expect: no matching function; srs_to_v32int16
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  v32int16 x = *(v32int16 *)a;
  *(v32int16 *)c = srs_to_v32int16(x, 4);  // <- here
}
