// expect: mmul<2, 2, 2
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::mmul<2, 2, 2, bfloat16, bfloat16> m;  // <- here
  c[0] = a[0];
}
