#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  auto p = aie::begin_vector<16>(a);
  auto q = aie::begin_vector<16>(c);
  for (int n = 64; n > 0; n--) {
    auto x = *p++;
    *q++ = aie::add(x, x);
  }
}
