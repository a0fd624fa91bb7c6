// expect: printf; no output but its buffers
#include <aie_api/aie.hpp>
#include <stdio.h>

void k(int16_t *a, int16_t *b, int16_t *c) {
  printf("%d\n", a[0]);  // <- here
  c[0] = a[0];
}
