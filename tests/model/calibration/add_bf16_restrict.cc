#include <aie_api/aie.hpp>

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {
  for (int i = 0; i < 1024; i += 16)
    aie::store_v(c + i, aie::add(aie::load_v<16>(a + i), aie::load_v<16>(b + i)));
}
