// expect: k(int16_t*, int16_t*, int16_t*)
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *c) { c[0] = a[0]; }  // <- here
