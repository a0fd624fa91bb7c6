// Restrict iterators in and out, stepped and indexed.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void iterators_restrict(int16_t *a, int16_t *b, int16_t *out) {
  auto pa = aie::begin_restrict_vector<16>(a);
  auto pb = aie::cbegin_vector<16>(b);
  auto po = aie::begin_restrict_vector<16>(out);
  for (int i = 0; i < 8; i++) {
    auto x = *pa;
    aie::vector<int16, 16> y = pb[i];
    x = aie::sub(x, y);
    *po = aie::max(x, *pa);
    ++pa;
    po += 1;
  }
}
