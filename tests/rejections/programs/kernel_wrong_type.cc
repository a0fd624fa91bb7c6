// expect: k(int16_t*, int16_t*, int16_t*)
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {  // <- here
  for (int i = 0; i < 64; i++) c[i] = a[i] + b[i];
}
