// expect: 'max' is ambiguous
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  *(v32int16 *)c = max(*(v32int16 *)a, *(v64int8 *)b);  // <- here
}
