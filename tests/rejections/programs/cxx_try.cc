// expect: exceptions disabled
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  try {  // <- here
    c[0] = a[0];
  } catch (...) {
  }
}
