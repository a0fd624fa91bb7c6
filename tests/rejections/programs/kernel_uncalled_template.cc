// expect: k
#include <aie_api/aie.hpp>

template <unsigned N>
void k(int16_t *a, int16_t *b, int16_t *c) {  // <- here
  aie::store_v(c, aie::add(aie::load_v<N>(a), aie::load_v<N>(b)));
}
