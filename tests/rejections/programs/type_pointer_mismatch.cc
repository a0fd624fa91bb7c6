// expect: cannot initialize
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  float *p = a;  // <- here
  c[0] = p[0];
}
