// expect: no such core
#include <aie_api/aie.hpp>
#ifndef __CUDA_ARCH__
#error no such core  // <- here
#endif

void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = a[0] + b[0]; }
