// expect: no viable overloaded '='
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto it = aie::cbegin_vector<32>(c);
  *it = aie::zeros<int16_t, 32>();  // <- here
}
