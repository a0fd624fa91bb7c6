#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  auto sum = aie::zeros<int16_t, 32>();
  for (int i = 0; i < 1024; i += 32) sum = aie::add(sum, aie::load_v<32>(a + i));
  c[0] = aie::reduce_add(sum);
}
