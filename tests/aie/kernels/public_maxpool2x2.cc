// Largest of two by two bytes, columns apart by filters.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void public_maxpool2x2(int8_t *restrict in, int8_t *restrict out) {
  constexpr unsigned W = 64;
  for (unsigned y = 0; y < 4; y += 2) {
    aie::vector<int8_t, W> rows = aie::max(aie::load_v<W>(in + y * W), aie::load_v<W>(in + (y + 1) * W));
    aie::vector<int8_t, W / 2> r = aie::max(aie::filter_even(rows), aie::filter_odd(rows));
    aie::store_v(out, r);
    out += W / 2;
  }
}
