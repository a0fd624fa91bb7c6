#include <aie_api/aie.hpp>

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {
  aie::mmul<4, 8, 4, bfloat16, bfloat16> m;
  for (int i = 0; i < 32; i++) m.mac(aie::load_v<32>(a + 32 * i), aie::load_v<32>(b + 32 * i));
  aie::store_v(c, m.to_vector<bfloat16>());
}
