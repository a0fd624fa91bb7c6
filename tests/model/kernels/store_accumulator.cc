#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int32_t *__restrict c) {
  for (int i = 0; i < 1024; i += 32)
    aie::store_v(c + i, aie::mul(aie::load_v<32>(a + i), aie::load_v<32>(b + i)).to_vector<int32_t>(0));
}
