// expect: 'vector' file not found
#include <vector>  // <- here

#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  std::vector<int16_t> v(64);
  c[0] = v[0];
}
