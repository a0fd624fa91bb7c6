// expect: typeid
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  c[0] = typeid(a[0]) == typeid(b[0]);  // <- here
}
