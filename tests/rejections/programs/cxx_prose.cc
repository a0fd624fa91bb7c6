// expect: unknown type name
#include <aie_api/aie.hpp>

Here is the kernel:  // <- here
void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = a[0] + b[0]; }
