// expect: power of two
#include <aie_api/aie.hpp>

template <unsigned N>
struct block {
  aie::vector<int16_t, N> data;  // <- here
};

void k(int16_t *a, int16_t *b, int16_t *c) {
  block<24> x;
  c[0] = x.data[0];
}
