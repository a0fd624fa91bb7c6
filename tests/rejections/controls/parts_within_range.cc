#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 32> v;
  v.insert(0, aie::load_v<16>(a));
  v.insert(1, aie::load_v<16>(b));
  v[31] = v[0];
  v.set(v.get(3), 30);
  aie::store_v(c, v.extract<16>(1));
  aie::store_v(c + 16, aie::concat(v.extract<8>(0), v.extract<8>(3)));
}
