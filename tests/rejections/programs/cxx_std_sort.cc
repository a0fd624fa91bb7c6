// expect: sort; namespace 'std'
#include <aie_api/aie.hpp>
#include <algorithm>

void k(int16_t *a, int16_t *b, int16_t *c) {
  for (int i = 0; i < 64; i++) c[i] = a[i];
  std::sort(c, c + 64);  // <- here
}
