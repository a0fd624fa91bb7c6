// expect: _mm256_add_epi16
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  c[0] = _mm256_add_epi16(a[0], b[0]);  // <- here
}
