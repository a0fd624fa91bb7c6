// expect: expected ')'
#include <aie_api/aie.hpp>

void k(int16_t *restrict a, int16_t *restrict b, int16_t *restrict c) {  // <- here
  c[0] = a[0] + b[0];
}
