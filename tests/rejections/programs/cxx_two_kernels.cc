// expect: redefinition of 'k'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = a[0]; }
void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = b[0]; }  // <- here
