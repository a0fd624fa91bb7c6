// expect: file not found
#include <aie_api/aie.hpp>
#include "/usr/include/stdio.h"  // <- here

void k(int16_t *a, int16_t *b, int16_t *c) { printf("%d", a[0]); }
