#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  for (int i = 0; i < 1024; i += 32) {
    auto z = aie::mul(aie::load_v<32>(a + i), aie::load_v<32>(b + i));
    aie::store_v(c + i, z.to_vector<int16_t>(7));
  }
}
