// expect: at least 128 bits
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::vector<bfloat16, 4> v;  // <- here
  c[0] = v[0];
}
