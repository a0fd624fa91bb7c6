// expect: k(int16_t*, int16_t*, int16_t*)
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c, int n) {  // <- here
  for (int i = 0; i < n; i++) c[i] = a[i] + b[i];
}
