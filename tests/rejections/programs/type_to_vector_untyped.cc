// expect: to_vector; name the type of the result: to_vector<T>(shift)
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto product = aie::mul(aie::load_v<16>(a), aie::load_v<16>(b));
  aie::store_v(c, product.to_vector());  // <- here
}
