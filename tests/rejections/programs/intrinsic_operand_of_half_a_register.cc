// expect: mul_4x8_8x8; v32int8; v64int8
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  v32acc32 acc = mul_4x8_8x8(*(v32int8 *)a, *(v64int8 *)b);  // <- here
  *(v32int8 *)c = srs_to_v32int8(acc, 4);
}
