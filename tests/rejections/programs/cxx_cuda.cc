// expect: unknown type name '__global__'
#include <aie_api/aie.hpp>

__global__ void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = a[0] + b[0]; }  // <- here
