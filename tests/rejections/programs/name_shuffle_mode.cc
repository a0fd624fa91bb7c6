// expect: T16_5x7
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  v32int16 x = *(v32int16 *)a;
  *(v32int16 *)c = shuffle(x, x, T16_5x7);  // <- here
}
