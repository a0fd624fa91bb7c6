// expect: cout; namespace 'std'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  std::cout << a[0];  // <- here
  c[0] = a[0];
}
